#include <dlfcn.h>

#include "absl/strings/match.h"
#include "comity/operators/v1/admin_service.grpc.pb.h"
#include "node/cli/node_backup.h"
#include "node/cli/node_keys.h"
#include "node/cli/open_keys.h"
#include "node/identity/node_layout.h"
#include "node/identity/private_file.h"
#include "node/wire/card_file.h"
#include "tests/support/border.h"
#include "tests/support/held_port.h"

namespace comity {
namespace {

namespace ops = operators::v1;
using Admin = ops::AdminService;
constexpr const char* kModule = COMITY_BINARY_DIR "/lib/fake_token.so";

// A node whose log key and witness key a token made and keeps
// (tests/token/fake_token.cc), with its other keys under a passphrase.
class TokenNodeTest : public testing::Test {
 protected:
  void SetUp() override {
    // Of a test before, in this process.
    void* token = dlopen(kModule, RTLD_NOW);
    ASSERT_NE(token, nullptr) << dlerror();
    reinterpret_cast<void (*)()>(dlsym(token, "FakeTokenForget"))();
    ASSERT_OK(WritePrivateFile(pin_, "4321\n"));
    ASSERT_OK(WritePrivateFile(pass_, "correct horse battery\n"));
    InitOptions options{
        "NG",  "Nigeria", layout_.directory, place_.Path("root"), "ORG",
        false, false};
    ASSERT_OK_AND_ASSIGN(options.key_passphrase, NewKeyPassphrase(pass_));
    options.token = "comity";
    options.token_module = kModule;
    options.token_pin = std::make_shared<TokenPin>(SecretBytes("4321"));
    ASSERT_OK(InitNode(options, clock_.Now(), random_));
    ASSERT_OK_AND_ASSIGN(const std::string text,
                         ReadPublicFile(layout_.Config()));
    ASSERT_OK_AND_ASSIGN(NodeConfig config, ParseConfig(text));
    config.key_passphrase_file = pass_;
    config.token_pin_file = pin_;
    ASSERT_OK(WritePublicFile(layout_.Config(), FormatConfig(config)));
    HoldPort(config.operator_address);
    HoldPort(config.federation_address);
  }

  absl::Status Start() {
    ASSIGN_OR_RETURN(node_,
                     StartNode(layout_.directory, clock_, random_, OpenStore));
    return absl::OkStatus();
  }

  TestDirectory place_;
  FakeClock clock_{absl::Now()};
  SystemRandom random_;
  const NodeLayout layout_{place_.Path("ng")};
  const std::string pin_ = place_.Path("pin");
  const std::string pass_ = place_.Path("pass");
  const KeyTarget file_{KeyTarget::Place::kFile, "", ""};
  const KeyTarget token_{KeyTarget::Place::kToken, kModule, "comity"};
  std::unique_ptr<Node> node_;
};

TEST_F(TokenNodeTest, ItServesAndItsTokenSignsTheLogs) {
  for (const std::string& path : {layout_.LogKey(), layout_.WitnessKey()}) {
    ASSERT_OK_AND_ASSIGN(const SecretBytes file, ReadPrivateFile(path));
    EXPECT_TRUE(absl::StrContains(file.Expose(), "token: comity")) << path;
    EXPECT_FALSE(absl::StrContains(file.Expose(), "4321")) << path;
  }
  ASSERT_OK(Start());
  CommandContext admin;
  admin.profile = layout_.Operators() + "/admin-1";
  EXPECT_OK((admin.Call<Admin, ops::GetStatusResponse>(
      &Admin::Stub::GetStatus, ops::GetStatusRequest())));
  // The backup verifies every log by the key on the card, and is signed itself.
  const SecretBytes seal("of the backup alone");
  const std::string file = place_.Path("ng.backup");
  ASSERT_OK(BackUpNode(layout_.directory, file, seal, clock_.Now(), random_));
  EXPECT_OK(RestoreNode(file, place_.Path("restored"), seal, layout_.Card(),
                        random_));
}

TEST_F(TokenNodeTest, WithoutPinOrTokenItDoesNotStartAndSaysWhy) {
  ASSERT_OK_AND_ASSIGN(const SecretBytes before,
                       ReadPrivateFile(layout_.LogKey()));
  std::string elsewhere(before.Expose());
  elsewhere.replace(elsewhere.find("token: comity"), 13, "token: another");
  ASSERT_OK(WritePrivateFile(layout_.LogKey(), elsewhere));
  const absl::Status gone = Start();
  EXPECT_THAT(gone, FailsWith(ErrorReason::kNotFound));
  EXPECT_TRUE(absl::StrContains(gone.message(), "no token \"another\""))
      << gone;
  ASSERT_OK(WritePrivateFile(layout_.LogKey(), before.Expose()));
  ASSERT_OK(WritePrivateFile(pin_, "1"));
  EXPECT_THAT(Start(), FailsWith(ErrorReason::kFieldInvalid));
  ASSERT_OK(WritePrivateFile(pin_, "4321"));
  EXPECT_OK(Start());
}

TEST_F(TokenNodeTest, OnlyLogAndWitnessKeysMayBeInAToken) {
  ASSERT_OK_AND_ASSIGN(const SecretBytes file,
                       ReadPrivateFile(layout_.LogKey()));
  ASSERT_OK(WritePrivateFile(layout_.IssuingKey(), file.Expose()));
  EXPECT_THAT(RenewNode(layout_.directory, clock_.Now(), random_),
              FailsWith(ErrorReason::kFieldInvalid));
}

TEST_F(TokenNodeTest, ItsTokenMakesTheKeyThatReplacesOneOfItsOwn) {
  const std::string before(ReadPrivateFile(layout_.LogKey())->Expose());
  const std::string card = *ReadPublicFile(layout_.Card());
  const std::string root = place_.Path("root");
  ASSERT_OK(RotateKey(layout_.directory, root, OwnKey::kLog));
  const std::string after(ReadPrivateFile(layout_.LogKey())->Expose());
  EXPECT_TRUE(absl::StrContains(after, "token: comity"));
  EXPECT_NE(after, before);
  EXPECT_EQ(ReadPrivateFile(layout_.LogKeyBefore())->Expose(), before);
  EXPECT_OK(Start());
  node_.reset();
  // Cut off before the file named the key that the token had made.
  ASSERT_OK(WritePrivateFile(layout_.LogKey(), before));
  ASSERT_OK(WritePublicFile(layout_.Card(), card));
  ASSERT_OK(RotateKey(layout_.directory, root, OwnKey::kLog));
  EXPECT_EQ(ReadPrivateFile(layout_.LogKey())->Expose(), after);
  ASSERT_OK(EndKeyBefore(layout_.directory, OwnKey::kLog));
  EXPECT_OK(Start());
}

TEST_F(TokenNodeTest, AKeyThatMovesIntoAFileIsProtectedAndComesBack) {
  const std::string root = place_.Path("root");
  const std::string before(ReadPrivateFile(layout_.LogKey())->Expose());
  ASSERT_OK(RotateKey(layout_.directory, root, OwnKey::kLog, file_));
  const std::string moved(ReadPrivateFile(layout_.LogKey())->Expose());
  EXPECT_TRUE(absl::StrContains(moved, "BEGIN ENCRYPTED"));
  EXPECT_EQ(ReadPrivateFile(layout_.LogKeyBefore())->Expose(), before);
  EXPECT_OK(Start());
  node_.reset();
  ASSERT_OK(EndKeyBefore(layout_.directory, OwnKey::kLog));
  ASSERT_OK(RotateKey(layout_.directory, root, OwnKey::kWitness, file_));
  ASSERT_OK(EndKeyBefore(layout_.directory, OwnKey::kWitness));
  // No key is in the token any more: nobody needs its PIN.
  ASSERT_OK(WritePrivateFile(pin_, "1"));
  EXPECT_OK(Start());
  node_.reset();
  const auto pin = std::make_shared<TokenPin>(SecretBytes("4321"));
  ASSERT_OK(RotateKey(layout_.directory, root, OwnKey::kLog, token_, pin));
  EXPECT_EQ(ReadPrivateFile(layout_.LogKeyBefore())->Expose(), moved);
  EXPECT_TRUE(absl::StrContains(ReadPrivateFile(layout_.LogKey())->Expose(),
                                "token: comity"));
  EXPECT_THAT(Start(), FailsWith(ErrorReason::kFieldInvalid));
  ASSERT_OK(WritePrivateFile(pin_, "4321"));
  EXPECT_OK(Start());
}

TEST_F(TokenNodeTest, AMoveThatTheTokenRefusesChangesNothing) {
  const std::string root = place_.Path("root");
  const std::string before(ReadPrivateFile(layout_.LogKey())->Expose());
  const std::string card = *ReadPublicFile(layout_.Card());
  EXPECT_THAT(RotateKey(layout_.directory, root, OwnKey::kLog,
                        {KeyTarget::Place::kToken, kModule, "another"}),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_EQ(ReadPrivateFile(layout_.LogKey())->Expose(), before);
  EXPECT_THAT(ReadPrivateFile(layout_.LogKeyBefore()),
              FailsWith(ErrorReason::kNotFound));
  EXPECT_EQ(*ReadPublicFile(layout_.Card()), card);
}

// The file was replaced, and no card written; then another place is wanted.
TEST_F(TokenNodeTest, AMoveThatWasCutOffGoesOnToWhereTheNextCallWantsIt) {
  const std::string root = place_.Path("root");
  const std::string before(ReadPrivateFile(layout_.LogKey())->Expose());
  const std::string card = *ReadPublicFile(layout_.Card());
  ASSERT_OK(RotateKey(layout_.directory, root, OwnKey::kLog, file_));
  ASSERT_OK(WritePublicFile(layout_.Card(), card));
  EXPECT_OK(Start());
  node_.reset();
  ASSERT_OK(RotateKey(layout_.directory, root, OwnKey::kLog, token_));
  EXPECT_TRUE(absl::StrContains(ReadPrivateFile(layout_.LogKey())->Expose(),
                                "token: comity"));
  EXPECT_EQ(ReadPrivateFile(layout_.LogKeyBefore())->Expose(), before);
  ASSERT_OK(EndKeyBefore(layout_.directory, OwnKey::kLog));
  EXPECT_OK(Start());
}

TEST_F(TokenNodeTest, ProtectingKeysLeavesThoseInTheTokenAlone) {
  ASSERT_OK_AND_ASSIGN(const SecretBytes before,
                       ReadPrivateFile(layout_.LogKey()));
  ASSERT_OK_AND_ASSIGN(const auto passphrase, NewKeyPassphrase(pass_));
  ASSERT_OK_AND_ASSIGN(const size_t count,
                       ProtectKeys(layout_.directory, passphrase, random_));
  EXPECT_EQ(count, 0u);
  EXPECT_EQ(ReadPrivateFile(layout_.LogKey())->Expose(), before.Expose());
}

}  // namespace
}  // namespace comity
