#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/corefile/core_facts.h"
#include "common/corefile/core_segments.h"
#include "common/corefile/elf_format.h"
#include "common/corefile/note_reader.h"

namespace edgefeed {

// Reads what stands in front of the memory of a core file: its header, its program headers and its
// notes.
class CoreFront {
 public:
  // `on_note` sees every note, as long as `this` lives.
  explicit CoreFront(NoteReader::OnNote on_note);
  ~CoreFront() = default;
  CoreFront(const CoreFront&) = delete;
  CoreFront& operator=(const CoreFront&) = delete;

  // Takes bytes off the front of `bytes`; what it leaves is memory, from position() on.
  void Update(std::string_view& bytes);
  // There are no more bytes.
  void Finish();

  enum class Progress { kHeaders, kNotes, kDone, kNoCore };
  [[nodiscard]] Progress progress() const;
  // The file begins as a core file does.
  [[nodiscard]] bool is_core() const { return header_.has_value(); }
  // How many bytes of the file have been taken.
  [[nodiscard]] std::uint64_t position() const { return position_; }
  // How long the file ought to be, once the program headers have passed.
  [[nodiscard]] std::optional<std::uint64_t> core_bytes() const;

  // Precondition: is_core().
  [[nodiscard]] const ElfHeader& header() const { return *header_; }
  [[nodiscard]] const CoreSegments& segments() const { return segments_; }
  [[nodiscard]] CoreFacts& facts() { return facts_; }

 private:
  enum class State { kIdent, kHeader, kSegments, kNotes, kDone, kNoCore };
  struct NoteRange {
    std::uint64_t offset;
    std::uint64_t bytes;
  };

  // Whether the buffer holds as many bytes as are wanted.
  bool Fill(std::string_view& bytes);
  void Want(State state, std::size_t bytes);
  void TakeHeader();
  void TakeSegment();
  void Count(const ElfSegment& segment);
  void EndSegments();
  void NextNotes();
  void TakeNotes(std::string_view& bytes);

  NoteReader notes_;
  State state_ = State::kIdent;
  std::uint64_t position_ = 0;
  std::uint64_t skip_to_ = 0;
  std::string buffer_;
  std::size_t wanted_ = 0;
  std::optional<ElfHeader> header_;
  std::uint64_t segments_left_ = 0;
  std::uint64_t core_bytes_ = 0;
  CoreSegments segments_;
  std::vector<NoteRange> note_ranges_;  // Of PT_NOTE segments to come, the last one first.
  CoreFacts facts_;
};

}  // namespace edgefeed
