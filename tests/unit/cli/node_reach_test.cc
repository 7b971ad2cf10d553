#include "node/cli/node_reach.h"

#include <fstream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "node/cli/node_init.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"
#include "node/wire/config_file.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_directory.h"

namespace comity {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A node that exists, and how partners reach it.
class NodeReachTest : public testing::Test {
 protected:
  void SetUp() override {
    Init("TD", "td");
    std::ofstream(Path("td/comityd.conf"), std::ios::app)
        << "# The office's line ends at six.\n";
    before_ = Card();
  }
  void Init(const std::string& code, const std::string& name) {
    InitOptions options;
    options.participant = code;
    options.directory = Path(name);
    options.root_directory = Path(name + "-root");
    options.organisation = "COORDINATION";
    ASSERT_OK(InitNode(options, absl::FromUnixSeconds(1'800'000'000), random_));
  }
  std::string Path(const std::string& name) { return directory_.Path(name); }
  std::string Read(const std::string& name) {
    return ReadPublicFile(Path(name)).value_or("");
  }
  NodeConfig Config() { return *ParseConfig(Read("td/comityd.conf")); }
  ParticipantCard Card() { return *ParseCard(Read("td/card.txt")); }
  absl::StatusOr<std::string> Change(const std::string& address,
                                     const std::string& root = "td-root") {
    return ChangeReach({Path("td"), Path(root), address});
  }

  TestDirectory directory_;
  SystemRandom random_;
  std::optional<ParticipantCard> before_;
};

TEST_F(NodeReachTest, ItCollectsFromThenOnAndItsCardSaysSo) {
  const auto fingerprint = Change("");
  ASSERT_OK(fingerprint);
  EXPECT_EQ(*fingerprint, CardFingerprint(Read("td/card.txt")));
  EXPECT_TRUE(Config().outbound_only);
  EXPECT_EQ(Config().federation_address, "");
  EXPECT_TRUE(Card().CollectsMail());
  // Partners take it without comparing anew.
  EXPECT_OK(CheckSuccessor(*before_, Card()));
  EXPECT_EQ(Card().serial, 2u);
  EXPECT_THAT(Read("td/comityd.conf"), HasSubstr("ends at six"));
  EXPECT_THAT(Change(""), FailsWith(ErrorReason::kAlreadyExists));
}

TEST_F(NodeReachTest, AndIsCalledAgainWhereItsCardSays) {
  ASSERT_OK(Change(""));
  ASSERT_OK(Change("td.example.org:4711"));
  EXPECT_FALSE(Config().outbound_only);
  EXPECT_EQ(Config().federation_address, "td.example.org:4711");
  EXPECT_THAT(Card().endpoints, ElementsAre("td.example.org:4711"));
  EXPECT_EQ(Card().serial, 3u);
  EXPECT_THAT(Read("td/comityd.conf"), HasSubstr("ends at six"));
}

// comityd starts on two files that agree alone: a run that died between them is
// made good by the next.
TEST_F(NodeReachTest, ARunThatDiedInTheMiddleIsMadeGood) {
  const std::string config = Read("td/comityd.conf");
  ASSERT_OK(Change(""));
  ASSERT_OK(WritePublicFile(Path("td/comityd.conf"), config));
  ASSERT_OK(Change(""));
  EXPECT_TRUE(Config().outbound_only);
  EXPECT_TRUE(Card().CollectsMail());
}

TEST_F(NodeReachTest, NothingIsWrittenUnlessAllOfItHolds) {
  Init("NE", "ne");
  const std::string config = Read("td/comityd.conf");
  const std::string card = Read("td/card.txt");
  EXPECT_FALSE(Change("", "ne-root").ok());
  EXPECT_THAT(Change("", "nowhere"), FailsWith(ErrorReason::kNotFound));
  for (const char* address : {"td.example.org", "a b:4711", ":1", "td:70000"}) {
    EXPECT_THAT(Change(address), FailsWith(ErrorReason::kFieldInvalid));
  }
  EXPECT_EQ(Read("td/comityd.conf"), config);
  EXPECT_EQ(Read("td/card.txt"), card);
}

}  // namespace
}  // namespace comity
