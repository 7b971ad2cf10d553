#include "node/wire/policy_text.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "comity/policy/v1/policy.pb.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "node/wire/schema_names.h"
#include "node/wire/utf8.h"

namespace comity {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::io::Tokenizer;

constexpr size_t kMaxFileSize = 1 << 20;
constexpr int kMaxNesting = 20;

class FaultCollector : public google::protobuf::io::ErrorCollector {
 public:
  explicit FaultCollector(std::vector<TextFault>& faults) : faults_(faults) {}
  void AddError(int line, int column, const std::string& message) override {
    faults_.push_back({line + 1, column + 1, message});
  }

 private:
  std::vector<TextFault>& faults_;
};

std::vector<Tokenizer::Token> Tokens(absl::string_view text) {
  std::vector<TextFault> ignored;
  FaultCollector collector(ignored);
  google::protobuf::io::ArrayInputStream input(text.data(),
                                               static_cast<int>(text.size()));
  Tokenizer tokenizer(&input, &collector);
  tokenizer.set_comment_style(Tokenizer::SH_COMMENT_STYLE);
  tokenizer.set_require_space_after_number(false);
  tokenizer.set_allow_multiline_strings(false);
  std::vector<Tokenizer::Token> tokens;
  while (tokenizer.Next()) tokens.push_back(tokenizer.current());
  return tokens;
}

// Numbers are read by people: 010 is eight to a parser, and ten to a reader.
bool IsPlainNumber(const std::string& text) {
  return text == "0" ||
         (text[0] != '0' && std::all_of(text.begin(), text.end(), [](char c) {
            return absl::ascii_isdigit(static_cast<unsigned char>(c));
          }));
}

// Escapes hide from a reviewer what a text says; a quote, a backslash and a
// line break have no other spelling.
bool HidesText(const std::string& token) {
  for (size_t i = 0; i + 1 < token.size(); ++i) {
    if (token[i] != '\\') continue;
    ++i;
    if (!absl::StrContains("\"'\\n", token.substr(i, 1))) return true;
  }
  return false;
}

// Whether a token of the value of `field` is a name that its list lacks.
bool IsNoValue(const Tokenizer::Token& token, const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM &&
         token.type == Tokenizer::TYPE_IDENTIFIER &&
         field.enum_type()->FindValueByName(token.text) == nullptr;
}

// What is wrong with one token of the value of `field`; empty: nothing.
std::string TokenFault(const Tokenizer::Token& token,
                       const FieldDescriptor& field, bool first) {
  if (first && field.cpp_type() == FieldDescriptor::CPPTYPE_BOOL &&
      token.text != "true" && token.text != "false") {
    return "write true or false";
  }
  const bool number = token.type == Tokenizer::TYPE_INTEGER;
  if (number && field.cpp_type() != FieldDescriptor::CPPTYPE_UINT32) {
    return "a number stands where a name belongs; write the name of the value";
  }
  if (number && !IsPlainNumber(token.text)) {
    return "write the number with the digits 0 to 9 and no zero before it";
  }
  return IsNoValue(token, field) ? NoSuchValue(token.text, *field.enum_type())
                                 : "";
}

// Follows the blocks of a file through the schema, token by token.
class SchemaWalk {
 public:
  SchemaWalk(const std::vector<Tokenizer::Token>& tokens,
             const Descriptor* root)
      : tokens_(tokens), open_{{root, nullptr}} {}

  // Goes on to token `i`.
  void Step(size_t i) {
    const std::string& text = tokens_[i].text;
    named_ = false;
    if (text == "{" || text == "<") {
      open_.push_back(
          {field_ == nullptr ? nullptr : field_->message_type(), field_});
      in_list_ = false;
    } else if (text == "}" || text == ">") {
      // A list may go on with the next block of the same field.
      field_ = open_.back().field;
      if (open_.size() > 1) open_.pop_back();
    } else if (text == "[" || text == "]") {
      in_list_ = text == "[";
    } else if (IsName(i)) {
      named_ = true;
      field_ = block() == nullptr ? nullptr : block()->FindFieldByName(text);
    }
  }

  // True if the token names a field: one of block(), or an unknown one.
  bool named() const { return named_; }
  // The field whose name or value the token is in; nullptr: unknown.
  const FieldDescriptor* field() const { return field_; }
  // The type of the innermost block; nullptr inside an unknown one.
  const Descriptor* block() const { return open_.back().type; }

 private:
  struct Open {
    const Descriptor* type;
    const FieldDescriptor* field;  // that the block is the value of
  };

  bool IsName(size_t i) const {
    if (tokens_[i].type != Tokenizer::TYPE_IDENTIFIER || in_list_ ||
        i + 1 == tokens_.size() || (i > 0 && tokens_[i - 1].text == ":")) {
      return false;
    }
    const std::string& next = tokens_[i + 1].text;
    return next == ":" || next == "{" || next == "<";
  }

  const std::vector<Tokenizer::Token>& tokens_;
  std::vector<Open> open_;
  const FieldDescriptor* field_ = nullptr;
  bool in_list_ = false;
  bool named_ = false;
};

// The place and name of the innermost block that is open at a token.
struct OpenBlock {
  std::string name;
  int line = 0;
  int column = 0;
};

// The blocks open before the token `end`, outermost first.
std::vector<OpenBlock> OpenBlocks(const std::vector<Tokenizer::Token>& tokens,
                                  size_t end) {
  std::vector<OpenBlock> open;
  for (size_t i = 0; i < end; ++i) {
    const std::string& text = tokens[i].text;
    if (text == "{" || text == "<") {
      size_t name = i;
      if (name > 0 && tokens[name - 1].text == ":") --name;
      if (name > 0) --name;
      open.push_back(
          {tokens[name].text, tokens[name].line + 1, tokens[name].column + 1});
    } else if ((text == "}" || text == ">") && !open.empty()) {
      open.pop_back();
    }
  }
  return open;
}

// "; the block "grant" opened at 9:3 is not closed", where a brace is missing.
std::string Unclosed(const std::vector<Tokenizer::Token>& tokens, size_t end) {
  const std::vector<OpenBlock> open = OpenBlocks(tokens, end);
  if (open.empty() || OpenBlocks(tokens, tokens.size()).empty()) return "";
  const OpenBlock& block = open.back();
  return absl::StrCat("the block \"", block.name, "\" opened at ", block.line,
                      ":", block.column, " is not closed; it ends with \"}\"");
}

// Whether to name every field that does not exist, where protobuf tells the
// first alone: not where a brace is missing or a block stands in a wrong place,
// for then the fields are right, and the blocks are not.
bool MayNameUnknown(const std::vector<Tokenizer::Token>& tokens,
                    const std::vector<TextFault>& parser_faults) {
  return OpenBlocks(tokens, tokens.size()).empty() &&
         std::any_of(parser_faults.begin(), parser_faults.end(),
                     [](const TextFault& fault) {
                       return absl::StrContains(fault.message,
                                                "has no field named");
                     });
}

// Finds where tokens begin, one after another; the tokenizer counts a tab to
// the next eighth column.
class PlaceFinder {
 public:
  explicit PlaceFinder(absl::string_view text) : text_(text) {}

  size_t Find(const Tokenizer::Token& token) {
    while (at_ < text_.size() &&
           (line_ < token.line || column_ < token.column)) {
      const char c = text_[at_++];
      if (c == '\n') {
        ++line_;
        column_ = 0;
      } else {
        column_ += c == '\t' ? 8 - column_ % 8 : 1;
      }
    }
    return at_;
  }

 private:
  const absl::string_view text_;
  size_t at_ = 0;
  int line_ = 0;
  int column_ = 0;
};

// The text with UNSET for each value that its list lacks, so that what is wrong
// elsewhere can be told in the same run.
std::string WithoutUnknownValues(absl::string_view text,
                                 const std::vector<Tokenizer::Token>& tokens,
                                 const Descriptor* root) {
  std::string kept;
  size_t done = 0;
  SchemaWalk walk(tokens, root);
  PlaceFinder places(text);
  for (size_t i = 0; i < tokens.size(); ++i) {
    walk.Step(i);
    if (walk.named() || walk.field() == nullptr ||
        !IsNoValue(tokens[i], *walk.field())) {
      continue;
    }
    const size_t at = places.Find(tokens[i]);
    absl::StrAppend(&kept, text.substr(done, at - done), "UNSET");
    done = at + tokens[i].text.size();
  }
  return absl::StrCat(kept, text.substr(done));
}

// What a reviewer would misread in the token that `walk` stands at.
std::string MisreadIn(const std::vector<Tokenizer::Token>& tokens, size_t i,
                      const SchemaWalk& walk, bool name_unknown) {
  const Tokenizer::Token& token = tokens[i];
  if (token.type == Tokenizer::TYPE_STRING && HidesText(token.text)) {
    return "a text says what it means without codes such as \\x41; write the "
           "characters themselves";
  }
  if (walk.field() != nullptr && !walk.named()) {
    const bool colon = i > 0 && tokens[i - 1].text == ":";
    return TokenFault(token, *walk.field(), colon);
  }
  if (walk.field() != nullptr || !walk.named() || !name_unknown) return "";
  return walk.block() ? NoSuchField(token.text, *walk.block()) : "";
}

// What protobuf accepts and a reviewer would misread. False if texts stand side
// by side, so that nobody knows what the file means.
bool CheckTokens(const std::vector<Tokenizer::Token>& tokens,
                 const Descriptor* root, bool name_unknown,
                 std::vector<TextFault>& faults) {
  SchemaWalk walk(tokens, root);
  bool clear = true;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Tokenizer::Token& token = tokens[i];
    walk.Step(i);
    std::string fault = MisreadIn(tokens, i, walk, name_unknown);
    if (!fault.empty()) {
      faults.push_back({token.line + 1, token.column + 1, std::move(fault)});
    }
    if (token.type == Tokenizer::TYPE_STRING && i + 1 < tokens.size() &&
        tokens[i + 1].type == Tokenizer::TYPE_STRING) {
      clear = false;
      faults.push_back({tokens[i + 1].line + 1, tokens[i + 1].column + 1,
                        "two texts stand side by side; write one text, or put "
                        "a comma between them"});
    }
  }
  return clear;
}

// A fault in the words of this product. `name` is the token it is about.
std::string Reword(const std::string& message, const std::string& name,
                   const Descriptor* root) {
  const auto says = [&](absl::string_view part) {
    return absl::StrContains(message, part);
  };
  if (says("has no field named")) {
    // Message type "comity.policy.v1.Grant" has no field named "rolle".
    const std::vector<std::string> parts = absl::StrSplit(message, '"');
    const Descriptor* block =
        root->file()->pool()->FindMessageTypeByName(parts[1]);
    return block == nullptr ? "" : NoSuchField(name, *block);
  }
  if (says("multiple times")) {
    return absl::StrCat("\"", name,
                        "\" is written multiple times; keep one of them");
  }
  if (says("boolean field")) return "write true or false";
  if (says("another member of oneof")) {
    return "a file holds one agreement, or national rules, or local access; "
           "put the other into a file of its own";
  }
  return "";
}

// Protobuf points behind the name it complains of; point at its start, and say
// it in words that a reader of policies knows.
void Improve(const std::vector<Tokenizer::Token>& tokens,
             const Descriptor* root, TextFault& fault) {
  const auto before = [&](const Tokenizer::Token& token) {
    return token.line + 1 < fault.line ||
           (token.line + 1 == fault.line && token.column + 1 < fault.column);
  };
  const Tokenizer::Token* at = nullptr;
  size_t end = 0;
  while (end < tokens.size() && before(tokens[end])) {
    if (tokens[end].type == Tokenizer::TYPE_IDENTIFIER) at = &tokens[end];
    ++end;
  }
  const std::string unclosed = Unclosed(tokens, end);
  const std::string reworded =
      at == nullptr ? "" : Reword(fault.message, at->text, root);
  if (!reworded.empty()) {
    fault.line = at->line + 1;
    fault.column = at->column + 1;
    fault.message = reworded;
    if (!unclosed.empty()) {
      absl::StrAppend(&fault.message, "; perhaps ", unclosed);
    }
  } else if (end == tokens.size() && !unclosed.empty()) {
    fault.message = unclosed;
  } else if (absl::StrContains(fault.message, "recursion limit")) {
    fault.message = absl::StrCat("blocks stand more than ", kMaxNesting,
                                 " deep in each other");
  } else if (absl::StrContains(fault.message, "Extension \"") ||
             absl::StrContains(fault.message, "Any")) {
    fault.message = "names in [brackets] are not part of policy files";
  }
}

bool Parse(absl::string_view text, FaultCollector& collector, Message* message,
           google::protobuf::TextFormat::ParseInfoTree* tree) {
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  parser.SetRecursionLimit(kMaxNesting);
  parser.WriteLocationsTo(tree);
  google::protobuf::io::ArrayInputStream input(text.data(),
                                               static_cast<int>(text.size()));
  return parser.Parse(&input, message);
}

}  // namespace

std::vector<TextFault> ReadStrictText(
    absl::string_view text, Message* message,
    google::protobuf::TextFormat::ParseInfoTree* tree) {
  if (text.size() > kMaxFileSize) {
    return {{0, 0, "the file is larger than 1 MiB"}};
  }
  const TextPlace bad = FindBadText(text);
  if (bad.line != 0) {
    return {{bad.line, bad.column,
             "the text is not plain UTF-8: a byte order mark, a control "
             "character or a broken byte stands here"}};
  }
  const std::vector<Tokenizer::Token> tokens = Tokens(text);
  std::vector<TextFault> faults;
  FaultCollector collector(faults);
  const Descriptor* root = message->GetDescriptor();
  const bool parsed =
      Parse(WithoutUnknownValues(text, tokens, root), collector, message, tree);
  std::vector<TextFault> readable;
  const bool clear =
      CheckTokens(tokens, root, MayNameUnknown(tokens, faults), readable);
  // What a token says of the same value is said more plainly.
  const auto said = [&](const TextFault& fault) {
    return std::any_of(
        readable.begin(), readable.end(), [&](const TextFault& other) {
          return other.line == fault.line && other.column <= fault.column;
        });
  };
  for (TextFault& fault : faults) {
    if (said(fault)) continue;
    Improve(tokens, root, fault);
    if (!said(fault)) readable.push_back(std::move(fault));
  }
  if (!parsed || !clear) message->Clear();
  return readable;
}

}  // namespace comity
