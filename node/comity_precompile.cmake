# What nearly every file from wire/ upwards reads is parsed once and not in each
# of them. It changes no meaning: every file still includes what it uses, and
# builds with the option off, as the clang and tsan presets do.
option(COMITY_PRECOMPILE "Parse the common headers once" ON)
if(COMITY_PRECOMPILE AND CCACHE)
  # ccache keeps out of precompiled headers unless it is told that no macro of
  # theirs and no time of day matters.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
endif()

# From a precompiled header, gcc 12 at its highest optimisation reports false
# overruns in what it inlines of the standard library. `tests/run.sh --full` builds
# a release without precompiled headers, in which these warnings count.
set(COMITY_PRECOMPILED_WARNINGS)
if(COMITY_PRECOMPILE AND CMAKE_BUILD_TYPE STREQUAL Release AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  set(COMITY_PRECOMPILED_WARNINGS -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow
    -Wno-stringop-overread)
endif()

set(COMITY_PRECOMPILED_messages <algorithm> <functional> <map> <memory> <optional> <set>
  <string> <vector> <absl/container/flat_hash_map.h> <absl/container/flat_hash_set.h>
  <absl/status/statusor.h> <absl/strings/str_cat.h> <absl/strings/str_format.h>
  <absl/strings/str_join.h> <absl/strings/str_split.h> <absl/synchronization/mutex.h>
  <absl/time/time.h> <google/protobuf/text_format.h> <comity/record/v1/case_record.pb.h>
  <comity/policy/v1/policy.pb.h> <comity/federation/v1/referral.pb.h>
  <comity/federation/v1/table.pb.h>)
set(COMITY_PRECOMPILED_calls ${COMITY_PRECOMPILED_messages} <grpcpp/grpcpp.h>
  <comity/federation/v1/federation_service.grpc.pb.h>
  <comity/operators/v1/admin_service.grpc.pb.h> <comity/operators/v1/case_service.grpc.pb.h>
  <comity/operators/v1/consent_service.grpc.pb.h> <comity/operators/v1/policy_service.grpc.pb.h>
  <comity/operators/v1/referral_service.grpc.pb.h>
  <comity/operators/v1/referral_step_service.grpc.pb.h>
  <comity/operators/v1/subject_service.grpc.pb.h> <comity/operators/v1/table_service.grpc.pb.h>)
set(COMITY_PRECOMPILED_tests ${COMITY_PRECOMPILED_calls} <gmock/gmock.h> <gtest/gtest.h>)
set(COMITY_PRECOMPILED_messages_LINKS comity::proto)
set(COMITY_PRECOMPILED_calls_LINKS comity::rpc)
set(COMITY_PRECOMPILED_tests_LINKS comity::rpc GTest::gmock)

# comity_precompiled(SET): makes the set; before the targets that are built with it.
function(comity_precompiled set)
  if(COMITY_PRECOMPILE)
    set(empty ${CMAKE_CURRENT_BINARY_DIR}/precompiled_${set}.cc)
    file(GENERATE OUTPUT ${empty} CONTENT "")
    add_library(comity_precompiled_${set} OBJECT ${empty})
    target_compile_options(comity_precompiled_${set} PRIVATE ${COMITY_WARNINGS})
    target_link_libraries(comity_precompiled_${set} PRIVATE ${COMITY_PRECOMPILED_${set}_LINKS})
    target_precompile_headers(comity_precompiled_${set} PRIVATE ${COMITY_PRECOMPILED_${set}})
  endif()
endfunction()

# comity_precompile(TARGET SET): builds a target's files with messages, calls or tests.
# gcc takes a set only with the macros that it was made with: calls and tests are
# for what links gRPC, which adds -pthread.
function(comity_precompile target set)
  if(COMITY_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM comity_precompiled_${set})
  endif()
endfunction()
