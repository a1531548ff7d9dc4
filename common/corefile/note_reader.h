#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace edgefeed {

// One note of an ELF file.
struct ElfNote {
  std::string_view name;  // "CORE", "LINUX"
  std::uint32_t type = 0;
  std::string_view content;
  std::uint64_t full_bytes = 0;  // Of the content; more than are there when it was cut.
  std::string_view whole;        // With its header and padding, unless it was cut.
};

// Takes a PT_NOTE segment apart as it streams by. Holds one note at a time, of a list of mapped
// files at most 768 KiB, of others 64 KiB; larger ones are passed over. Stops where the bytes are
// no notes.
class NoteReader {
 public:
  using OnNote = std::function<void(const ElfNote& note)>;
  explicit NoteReader(OnNote on_note) : on_note_(std::move(on_note)) {}

  void Update(std::string_view bytes);
  // The segment is over. Gives what there is of a note that was cut off.
  void Finish();

 private:
  void TakeHeader();
  void Emit();
  void BeginNote();

  OnNote on_note_;
  std::string buffer_;      // Header, name and content of the current note.
  std::size_t wanted_ = 0;  // Of the buffer, to go on; 0: a new note.
  std::uint64_t skip_ = 0;  // Bytes of no interest that come first.
  std::uint64_t skip_after_ = 0;
  std::size_t notes_ = 0;
  bool in_header_ = true;
  bool ended_ = false;
};

}  // namespace edgefeed
