#include "common/config/yaml_reader.h"

#include <algorithm>
#include <map>

#include "common/base/file.h"
#include "common/config/expand.h"
#include "common/config/suggest.h"
#include "common/config/yaml_tree.h"

namespace edgefeed {

struct YamlProblem {
  YamlPlace place;
  std::string what;
};

struct YamlContext {
  std::filesystem::path file;
  std::filesystem::path directory;
  const Environment& environment;
  std::vector<YamlProblem> problems;

  void Add(YamlPlace place, const std::string& path, const std::string& what) {
    problems.push_back({place, path.empty() ? what : path + ": " + what});
  }
};

namespace {

using Type = YamlNode::Type;

constexpr std::size_t kMaxFileBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxScalarBytes = 4096;  // A long path.
constexpr std::size_t kMaxQuoted = 60;
constexpr std::size_t kMaxProblems = 50;  // Shown.

std::string Shortened(std::string_view text) {
  if (text.size() <= kMaxQuoted) return std::string(text);
  return std::string(text.substr(0, kMaxQuoted)) + "...";
}

std::string Describe(const YamlNode& node) {
  switch (node.type) {
    case Type::kNull: return "found no value";
    case Type::kScalar: return "found '" + Shortened(node.text) + "'";
    case Type::kList: return "found a list";
    case Type::kMapping: return "found a mapping";
  }
  return "";
}

// Of a value; an absent one stands where its key does, since YAML places it on the next line.
YamlPlace PlaceOf(const YamlNode& node) {
  return node.type == Type::kNull ? node.key_place : node.place;
}

std::string Joined(const std::string& path, std::string_view key) {
  return path.empty() ? Shortened(key) : path + "." + Shortened(key);
}

std::string Indexed(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

std::string Located(const std::filesystem::path& file, YamlPlace place) {
  return file.string() + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

// Values may hold line breaks; a problem is one line.
std::string OneLine(std::string text) {
  const auto control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  std::ranges::replace_if(text, control, '?');
  return text;
}

Error ToError(const std::filesystem::path& file, std::vector<YamlProblem> problems) {
  std::ranges::stable_sort(problems, {}, &YamlProblem::place);
  std::string message;
  for (std::size_t i = 0; i < std::min(problems.size(), kMaxProblems); ++i) {
    if (i > 0) message += '\n';
    message += Located(file, problems[i].place) + ": " + OneLine(problems[i].what);
  }
  if (problems.size() > kMaxProblems) {
    message += "\n" + file.string() + ": and " + std::to_string(problems.size() - kMaxProblems) +
               " more problems";
  }
  return Error{Code::kInvalidArgument, message};
}

}  // namespace

YamlReader::YamlReader(const YamlNode& mapping, std::string path, YamlContext& context)
    : mapping_(mapping), path_(std::move(path)), context_(context) {
  ReportDuplicates(mapping_, path_);
}

std::string YamlReader::Where(std::string_view key) const {
  const YamlNode* node = Find(key);
  return Located(context_.file, node != nullptr ? PlaceOf(*node) : mapping_.key_place);
}

const std::filesystem::path& YamlReader::directory() const { return context_.directory; }

std::string YamlReader::PathOf(std::string_view key) const { return Joined(path_, key); }

const YamlNode* YamlReader::Find(std::string_view key) const {
  const auto found = std::ranges::find(mapping_.items, key, &YamlNode::key);
  return found == mapping_.items.end() ? nullptr : &*found;
}

const YamlNode* YamlReader::Ask(std::string_view key) {
  known_.emplace_back(key);
  return Find(key);
}

bool YamlReader::Has(std::string_view key) const { return Find(key) != nullptr; }

void YamlReader::Require(std::string_view key) {
  if (!Has(key)) Report(key, "is required");
}

void YamlReader::Report(std::string_view key, const std::string& what) {
  const YamlNode* node = Find(key);
  context_.Add(node != nullptr ? PlaceOf(*node) : mapping_.key_place, PathOf(key), what);
}

void YamlReader::ReportDuplicates(const YamlNode& mapping, const std::string& path) {
  std::map<std::string_view, int> first_lines;
  for (const YamlNode& item : mapping.items) {
    const auto [first, inserted] = first_lines.try_emplace(item.key, item.key_place.line);
    if (inserted) continue;
    context_.Add(item.key_place, Joined(path, item.key),
                 "given twice, first in line " + std::to_string(first->second));
  }
}

void YamlReader::ReportUnknownKeys() {
  std::ranges::sort(known_);
  std::string allowed;
  for (const std::string& key : known_) allowed += (allowed.empty() ? "" : ", ") + key;
  for (const YamlNode& item : mapping_.items) {
    if (std::ranges::binary_search(known_, item.key)) continue;
    const auto meant = ClosestName(item.key, known_);
    context_.Add(item.key_place, PathOf(item.key),
                 meant ? "unknown key (did you mean " + *meant + "?)"
                       : "unknown key (allowed here: " + allowed + ")");
  }
}

// Hands the text of a scalar, variables expanded, to `take`.
void YamlReader::Take(const YamlNode& node, const std::string& path, const TakeScalar& take) {
  const auto report = [&](const std::string& what) { context_.Add(PlaceOf(node), path, what); };
  if (node.type != Type::kScalar) return report(Describe(node) + " where a single value is needed");
  const auto text = ExpandVariables(node.text, context_.environment);
  if (!text) return report(text.error().message);
  if (text->size() > kMaxScalarBytes) return report("has over 4096 bytes");
  if (text->find('\0') != std::string::npos) return report("holds a NUL character");
  const Status taken = take(*text);
  if (!taken) report(taken.error().message);
}

void YamlReader::ForScalar(std::string_view key, const TakeScalar& take) {
  const YamlNode* node = Ask(key);
  if (node != nullptr) Take(*node, PathOf(key), take);
}

bool YamlReader::ForEachScalar(std::string_view key, ListForm form, const TakeScalar& take) {
  const YamlNode* node = Ask(key);
  if (node == nullptr) return false;
  const std::size_t before = context_.problems.size();
  if (form == ListForm::kListOrOne && node->type == Type::kScalar) {
    Take(*node, PathOf(key), take);
    return context_.problems.size() == before;
  }
  if (node->type != Type::kList) {
    Report(key, Describe(*node) + " where a list is needed: [a, b], or [] for none");
    return false;
  }
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    Take(node->items[i], Indexed(PathOf(key), i), take);
  }
  return context_.problems.size() == before;
}

bool YamlReader::ForEachMapping(std::string_view key,
                                const std::function<void(YamlReader&)>& read) {
  const YamlNode* node = Ask(key);
  if (node == nullptr) return false;
  if (node->type != Type::kList) {
    Report(key, Describe(*node) + " where a list of mappings is needed, or [] for none");
    return false;
  }
  const std::size_t before = context_.problems.size();
  for (std::size_t i = 0; i < node->items.size(); ++i) {
    const YamlNode& item = node->items[i];
    const std::string path = Indexed(PathOf(key), i);
    if (item.type != Type::kMapping) {
      context_.Add(item.place, path, Describe(item) + " where a mapping is needed: {key: value}");
      continue;
    }
    YamlReader reader(item, path, context_);
    read(reader);
    reader.ReportUnknownKeys();
  }
  return context_.problems.size() == before;
}

void YamlReader::ReadMap(
    std::string_view key,
    const std::function<Status(const std::string& name, const std::string& value)>& take) {
  const YamlNode* node = Ask(key);
  if (node == nullptr || node->type == Type::kNull) return;
  if (node->type != Type::kMapping) {
    return Report(key, Describe(*node) + " where a mapping is needed: {name: value}");
  }
  ReportDuplicates(*node, PathOf(key));
  for (const YamlNode& entry : node->items) {
    const std::string path = Joined(PathOf(key), entry.key);
    Take(entry, path, [&](std::string_view text) -> Status {
      const Status taken = take(entry.key, std::string(text));
      if (!taken) context_.Add(entry.key_place, path, taken.error().message);
      return {};
    });
  }
}

SectionState YamlReader::Section(std::string_view key, const std::function<void(YamlReader&)>& read,
                                 SectionForm form) {
  const YamlNode* node = Ask(key);
  if (node == nullptr) return SectionState::kAbsent;
  const bool may_be_off = form == SectionForm::kMappingOrOff;
  if (may_be_off && node->type == Type::kScalar) {
    const auto text = ExpandVariables(node->text, context_.environment);
    if (text && (*text == "off" || *text == "false")) return SectionState::kOff;
  }
  if (node->type != Type::kMapping && node->type != Type::kNull) {
    Report(key, Describe(*node) + " where a mapping is needed: {key: value}" +
                    (may_be_off ? ", or off" : ""));
    return SectionState::kInvalid;
  }
  YamlReader section(*node, PathOf(key), context_);
  read(section);
  section.ReportUnknownKeys();
  return SectionState::kRead;
}

Status ReadYaml(std::string_view text, const std::filesystem::path& file,
                const Environment& environment, const ReadConfig& read) {
  auto root = ParseYaml(file.string(), text);
  if (!root) return root.error();
  root->key_place = {};
  std::error_code ignored;  // Only when there is no current directory: then it stays as it is.
  YamlContext context{.file = file,
                      .directory = std::filesystem::absolute(file, ignored).parent_path(),
                      .environment = environment};
  if (root->type == Type::kMapping) {
    YamlReader reader(*root, "", context);
    read(reader);
    reader.ReportUnknownKeys();
  } else {
    context.Add(PlaceOf(*root), "", Describe(*root) + " where keys with values are needed");
  }
  if (context.problems.empty()) return {};
  return ToError(file, std::move(context.problems));
}

Status ReadYamlFile(const std::filesystem::path& file, const Environment& environment,
                    const ReadConfig& read) {
  const auto text = ReadSmallFile(file, kMaxFileBytes);
  if (!text) return text.error();
  return ReadYaml(*text, file, environment, read);
}

}  // namespace edgefeed
