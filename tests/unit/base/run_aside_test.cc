#include "node/base/run_aside.h"

#include <chrono>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace comity {
namespace {

// A machine that has no thread to give.
struct NoThread {
  template <typename Work>
  std::future<std::invoke_result_t<Work>> operator()(Work) const {
    throw std::system_error(
        std::make_error_code(std::errc::resource_unavailable_try_again));
  }
};

struct NoPlainThread {
  template <typename Work>
  std::thread operator()(Work) const {
    throw std::system_error(
        std::make_error_code(std::errc::resource_unavailable_try_again));
  }
};

TEST(RunAsideTest, WorkRunsInAThreadOfItsOwn) {
  EXPECT_NE(RunAside([] { return std::this_thread::get_id(); }).get(),
            std::this_thread::get_id());
}

TEST(RunAsideTest, Law12WithoutAThreadWhoWantsTheResultRunsIt) {
  int runs = 0;
  testing::internal::CaptureStderr();
  auto result = RunAside(
      [&runs] {
        ++runs;
        return std::this_thread::get_id();
      },
      NoThread());
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::HasSubstr("no_thread_to_be_had"));
  EXPECT_EQ(runs, 0);
  EXPECT_EQ(result.wait_for(std::chrono::seconds(0)),
            std::future_status::deferred);
  EXPECT_EQ(result.get(), std::this_thread::get_id());
  EXPECT_EQ(runs, 1);
}

TEST(RunAsideTest, Law12AThreadThatIsNotToBeHadIsNone) {
  int runs = 0;
  testing::internal::CaptureStderr();
  const std::thread none = ThreadFor([&runs] { ++runs; }, NoPlainThread());
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              testing::HasSubstr("no_thread_to_be_had"));
  EXPECT_FALSE(none.joinable());
  EXPECT_EQ(runs, 0);
  std::thread one = ThreadFor([&runs] { ++runs; });
  ASSERT_TRUE(one.joinable());
  one.join();
  EXPECT_EQ(runs, 1);
}

}  // namespace
}  // namespace comity
