#include "agent/crash/dump_record.h"

#include "agent/crash/framed_file.h"
#include "common/base/text.h"
#include "common/wire/dump_info.h"

namespace edgefeed {
namespace {

constexpr std::string_view kRecordMagic = "EFCRASHD";

// Names of files may hold anything, so they stand in hexadecimal digits.
void AddText(std::string_view name, std::string_view text, std::string& head) {
  if (!text.empty()) head += std::string(name) + " " + HexText(text) + "\n";
}

void AddWord(std::string_view name, std::string_view word, std::string& head) {
  if (!word.empty()) head += std::string(name) + " " + std::string(word) + "\n";
}

void ReadField(std::string_view name, std::string_view value, DumpHead& head) {
  const auto number = [&] { return ParseNumber<std::uint64_t>(value).value_or(0); };
  if (name == "id") head.id = value;
  if (name == "filename") head.filename = BytesFromHex(value);
  if (name == "size") head.size_bytes = number();
  if (name == "sha256") head.sha256 = DigestFrom(BytesFromHex(value)).value_or(Sha256Digest{});
  if (name == "signature") head.signature = value;
  if (name == "sealed") head.sealed_at = PoweredTime(static_cast<std::int64_t>(number()));
  if (name == "source") head.origin.key = value;
  if (name == "directory") head.origin.directory = BytesFromHex(value);
  if (name == "name") head.origin.name = BytesFromHex(value);
  if (name == "ours") head.origin.is_ours = number() == 1;
  if (name == "replaces") head.replaces = value;
}

}  // namespace

std::string EncodeDumpRecord(const DumpRecord& record) {
  const DumpHead& head = record.head;
  std::string text;
  AddWord("id", head.id, text);
  AddText("filename", head.filename, text);
  AddWord("size", std::to_string(head.size_bytes), text);
  if (head.size_bytes > 0) AddWord("sha256", ToString(head.sha256), text);
  AddWord("signature", head.signature, text);
  AddWord("sealed", std::to_string(head.sealed_at.count()), text);
  AddWord("source", head.origin.key, text);
  AddText("directory", head.origin.directory.string(), text);
  AddText("name", head.origin.name, text);
  AddWord("ours", head.origin.is_ours ? "1" : "0", text);
  AddWord("replaces", head.replaces, text);
  return Frame(kRecordMagic, {.head = std::move(text), .body = EncodeDumpInfo(record.info)});
}

Result<DumpRecord> DecodeDumpRecord(std::string_view bytes) {
  const auto file = Unframe(kRecordMagic, bytes);
  if (!file) return file.error();
  auto info = DecodeDumpInfo(file->body);
  if (!info) return info.error();
  DumpRecord record{.head = {}, .info = std::move(*info)};
  std::string_view rest = file->head;
  while (const auto line = NextLine(rest)) {
    std::string_view fields = *line;
    const auto name = NextField(fields);
    if (name) ReadField(*name, NextField(fields).value_or(""), record.head);
  }
  return record;
}

}  // namespace edgefeed
