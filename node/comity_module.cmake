# Clang reads the lock annotations that gcc only accepts.
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  set(COMITY_CLANG_WARNINGS -Wthread-safety -Werror=thread-safety -Wold-style-cast)
endif()

# comity_module(NAME [USES module...] [LINKS target...])
#
# Declares node/NAME as the library comity::NAME. USES lists every module of
# this project that it may include; tests/lint/check_modules.cmake fails on any
# other include. A module can only use one that was declared above it.
function(comity_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "USES;LINKS")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${name}/*.cc ${name}/*.h)
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  set(scope PUBLIC)
  if(sources MATCHES "\\.cc")
    add_library(comity_${name} STATIC ${sources})
    target_compile_options(comity_${name} PRIVATE ${COMITY_WARNINGS} ${COMITY_CLANG_WARNINGS})
  else()
    add_library(comity_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(comity::${name} ALIAS comity_${name})
  target_include_directories(comity_${name} ${scope} ${PROJECT_SOURCE_DIR})
  target_link_libraries(comity_${name} ${scope} ${arg_LINKS})
  foreach(used IN LISTS arg_USES)
    if(NOT TARGET comity_${used})
      message(FATAL_ERROR "node/${name} uses ${used}, which is not declared above it")
    endif()
    target_link_libraries(comity_${name} ${scope} comity_${used})
  endforeach()
  string(REPLACE ";" " " uses "${arg_USES}")
  set_property(GLOBAL APPEND_STRING PROPERTY COMITY_MODULES "${name}: ${uses}\n")
endfunction()

# comity_program(NAME MODULE): links node/MODULE/main.cc with its module.
function(comity_program name module)
  if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${module}/main.cc)
    add_executable(${name} ${module}/main.cc)
    target_compile_options(${name} PRIVATE ${COMITY_WARNINGS} ${COMITY_CLANG_WARNINGS})
    target_link_libraries(${name} PRIVATE comity::${module})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
  endif()
endfunction()
