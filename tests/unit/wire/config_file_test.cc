#include "node/wire/config_file.h"

#include "tests/support/status_matchers.h"

namespace comity {
namespace {

using testing::HasSubstr;

NodeConfig Called() {
  NodeConfig config;
  config.participant = "NG";
  config.federation_address = "127.0.0.1:4711";
  config.operator_address = "127.0.0.1:4712";
  return config;
}
NodeConfig OutboundOnly() {
  NodeConfig config = Called();
  config.outbound_only = true;
  config.federation_address.clear();
  return config;
}

TEST(ConfigFileTest, ANodeIsCalledUnlessItsFileSaysOtherwise) {
  ASSERT_OK_AND_ASSIGN(const NodeConfig read,
                       ParseConfig("participant: \"NG\"\n"
                                   "federation_address: \"127.0.0.1:4711\"\n"
                                   "operator_address: \"127.0.0.1:4712\"\n"));
  EXPECT_FALSE(read.outbound_only);
  EXPECT_EQ(read.collect_seconds, 30);
}

TEST(ConfigFileTest, WhatIsWrittenReadsBack) {
  NodeConfig config = OutboundOnly();
  config.collect_seconds = 1;
  config.key_passphrase_file = "/etc/comity/td.pass";
  ASSERT_OK_AND_ASSIGN(const NodeConfig read,
                       ParseConfig(FormatConfig(config)));
  EXPECT_TRUE(read.outbound_only);
  EXPECT_EQ(read.collect_seconds, 1);
  EXPECT_EQ(read.federation_address, "");
  EXPECT_EQ(read.key_passphrase_file, "/etc/comity/td.pass");
  ASSERT_OK_AND_ASSIGN(const NodeConfig called,
                       ParseConfig(FormatConfig(Called())));
  EXPECT_FALSE(called.outbound_only);
  EXPECT_EQ(called.federation_address, "127.0.0.1:4711");
}

TEST(ConfigFileTest, AnOutboundOnlyNodeHasNoAddressForPartners) {
  NodeConfig both = OutboundOnly();
  both.federation_address = "127.0.0.1:4711";
  const auto read = ParseConfig(FormatConfig(both));
  EXPECT_THAT(read, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(read.status().message()),
              HasSubstr("no federation_address"));
  NodeConfig neither = Called();
  neither.federation_address.clear();
  EXPECT_THAT(ParseConfig(FormatConfig(neither)),
              FailsWith(ErrorReason::kFieldMissing));
}

TEST(ConfigFileTest, ItCollectsAtLeastOnceADay) {
  NodeConfig config = OutboundOnly();
  config.collect_seconds = 86400;
  EXPECT_OK(ParseConfig(FormatConfig(config)));
  config.collect_seconds = 86401;
  EXPECT_THAT(ParseConfig(FormatConfig(config)),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST(ConfigFileTest, AHookIsTheWholePathOfAProgram) {
  NodeConfig config = Called();
  config.notify_hook = "/usr/local/bin/tell-officers";
  EXPECT_OK(ParseConfig(FormatConfig(config)));
  config.notify_hook = "tell-officers";
  const auto read = ParseConfig(FormatConfig(config));
  EXPECT_THAT(read, FailsWith(ErrorReason::kFieldInvalid));
  EXPECT_THAT(std::string(read.status().message()), HasSubstr("notify_hook"));
}

}  // namespace
}  // namespace comity
