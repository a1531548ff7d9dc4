#include "common/config/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <optional>
#include <sstream>
#include <utility>

namespace edgefeed {
namespace {

constexpr std::size_t kMaxDepth = 16;

YamlPlace PlaceOf(const YAML::Mark& mark) {
  return {.line = mark.line + 1, .column = mark.column + 1};
}

// Builds the tree from yaml-cpp's events. Throws what yaml-cpp throws, which also ends the parsing.
class TreeBuilder final : public YAML::EventHandler {
 public:
  YamlNode TakeRoot() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (std::exchange(started_, true)) {
      Refuse(mark, "the document ends before this, and a file holds only one");
    }
  }
  void OnDocumentEnd() override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    Refuse(mark, "aliases (*name) are not supported: write the value again");
  }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    if (ExpectsKey()) Refuse(mark, "a key is missing");
    Add({.type = YamlNode::Type::kNull, .place = PlaceOf(mark)});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                const std::string& value) override {
    CheckTag(mark, tag);
    if (ExpectsKey()) {
      open_.back().key = Key{value, PlaceOf(mark)};
    } else {
      Add({.type = YamlNode::Type::kScalar, .place = PlaceOf(mark), .text = value});
    }
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    Open(mark, tag, YamlNode::Type::kList);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    Open(mark, tag, YamlNode::Type::kMapping);
  }
  void OnMapEnd() override { Close(); }

 private:
  struct Key {
    std::string name;
    YamlPlace place;
  };
  struct Container {
    YamlNode node;
    std::optional<Key> key;  // Of the value that comes next.
  };

  [[noreturn]] static void Refuse(const YAML::Mark& mark, const std::string& why) {
    throw YAML::ParserException(mark, why);
  }

  // yaml-cpp says "?" for a plain node and "!" for a quoted one.
  static void CheckTag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") Refuse(mark, "tags (!name) are not supported");
  }

  [[nodiscard]] bool ExpectsKey() const {
    return !open_.empty() && open_.back().node.type == YamlNode::Type::kMapping &&
           !open_.back().key;
  }

  void Open(const YAML::Mark& mark, const std::string& tag, YamlNode::Type type) {
    CheckTag(mark, tag);
    if (ExpectsKey()) Refuse(mark, "a key must be a name, not a list or a mapping");
    if (open_.size() == kMaxDepth) Refuse(mark, "nested too deeply, at most 16 levels are allowed");
    open_.push_back({.node = {.type = type, .place = PlaceOf(mark)}});
  }

  void Close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    Add(std::move(node));
  }

  void Add(YamlNode node) {
    node.key_place = node.place;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Container& parent = open_.back();
    if (parent.key) {
      node.key = std::move(parent.key->name);
      node.key_place = parent.key->place;
      parent.key.reset();
    }
    parent.node.items.push_back(std::move(node));
  }

  YamlNode root_{.type = YamlNode::Type::kMapping};
  std::vector<Container> open_;
  bool started_ = false;
};

}  // namespace

Result<YamlNode> ParseYaml(std::string_view file, std::string_view text) {
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    TreeBuilder builder;
    // Not a loop: on some malformed text yaml-cpp finds documents for ever.
    if (parser.HandleNextDocument(builder)) parser.HandleNextDocument(builder);
    YamlNode root = builder.TakeRoot();
    if (root.type == YamlNode::Type::kNull) root.type = YamlNode::Type::kMapping;
    return root;
  } catch (const YAML::Exception& e) {
    const YamlPlace place = PlaceOf(e.mark);
    return Error{Code::kInvalidArgument, std::string(file) + ":" + std::to_string(place.line) +
                                             ":" + std::to_string(place.column) +
                                             ": YAML: " + e.msg};
  } catch (const std::exception& e) {
    return Error{Code::kInvalidArgument, std::string(file) + ":1:1: YAML: " + e.what()};
  }
}

}  // namespace edgefeed
