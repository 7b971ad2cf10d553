#include "node/daemon/socket_bytes.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "gtest/gtest.h"

namespace comity {
namespace {

// Two ends of one connection on the loopback.
class SocketBytesTest : public testing::Test {
 protected:
  void SetUp() override {
    const int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(where);
    auto* const address = reinterpret_cast<sockaddr*>(&where);
    ASSERT_EQ(bind(listening, address, size), 0);
    ASSERT_EQ(listen(listening, 1), 0);
    ASSERT_EQ(getsockname(listening, address, &size), 0);
    peer_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ASSERT_EQ(connect(peer_, address, size), 0);
    own_ = accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
    ASSERT_GE(own_, 0);
    close(listening);
  }
  void TearDown() override {
    if (peer_ >= 0) close(peer_);
    if (own_ >= 0) close(own_);
  }

  // The peer sends so much, and all of it has come.
  void Bring(size_t count) {
    const std::string bytes(count, 'x');
    ASSERT_EQ(send(peer_, bytes.data(), count, 0), static_cast<ssize_t>(count));
    std::string come(count, '\0');
    ASSERT_EQ(recv(own_, come.data(), count, MSG_PEEK | MSG_WAITALL),
              static_cast<ssize_t>(count));
  }
  void Read(size_t count) {
    std::string bytes(count, '\0');
    ASSERT_EQ(recv(own_, bytes.data(), count, MSG_WAITALL),
              static_cast<ssize_t>(count));
  }

  int peer_ = -1;
  int own_ = -1;
};

// Whose it is is not known before gRPC has read its certificate. A flood that
// was cut before that was nobody's strike.
TEST_F(SocketBytesTest, WhatNobodyHasReadDoesNotCountYet) {
  Bring(52000);
  EXPECT_EQ(BytesTaken(own_), 0u);
  EXPECT_EQ(BytesReceived(own_), 52000u);
  Read(20000);
  EXPECT_EQ(BytesTaken(own_), 20000u);
  Read(32000);
  EXPECT_EQ(BytesTaken(own_), 52000u);
}

TEST_F(SocketBytesTest, OfAnEndedConnectionEverythingCounts) {
  Bring(20000);
  EXPECT_FALSE(HasEnded(own_));
  close(peer_);
  peer_ = -1;
  pollfd state{own_, POLLRDHUP, 0};
  ASSERT_EQ(poll(&state, 1, 10000), 1);
  EXPECT_TRUE(HasEnded(own_));
  // The end itself may count as one.
  EXPECT_GE(BytesTaken(own_), 20000u);
}

}  // namespace
}  // namespace comity
