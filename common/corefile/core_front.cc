#include "common/corefile/core_front.h"

#include <algorithm>
#include <utility>

#include "common/base/sizes.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxNoteSegments = 16;

}  // namespace

CoreFront::CoreFront(NoteReader::OnNote on_note)
    : notes_([this, on_note = std::move(on_note)](const ElfNote& note) {
        ReadNote(note, *header_, facts_);
        if (on_note) on_note(note);
      }),
      wanted_(EI_NIDENT) {}

CoreFront::Progress CoreFront::progress() const {
  switch (state_) {
    case State::kNotes: return Progress::kNotes;
    case State::kDone: return Progress::kDone;
    case State::kNoCore: return Progress::kNoCore;
    default: return Progress::kHeaders;
  }
}

std::optional<std::uint64_t> CoreFront::core_bytes() const {
  if (state_ != State::kNotes && state_ != State::kDone) return std::nullopt;
  return core_bytes_;
}

void CoreFront::Update(std::string_view& bytes) {
  while (!bytes.empty() && state_ != State::kDone && state_ != State::kNoCore) {
    if (position_ < skip_to_) {
      const auto skipped = std::min(ToSize(skip_to_ - position_), bytes.size());
      bytes.remove_prefix(skipped);
      position_ += skipped;
    } else if (state_ == State::kNotes) {
      TakeNotes(bytes);
    } else if (Fill(bytes)) {
      if (state_ == State::kSegments) {
        TakeSegment();
      } else {
        TakeHeader();
      }
    }
  }
}

void CoreFront::Finish() {
  if (state_ == State::kNotes) notes_.Finish();
}

bool CoreFront::Fill(std::string_view& bytes) {
  const std::size_t taken = std::min(wanted_ - buffer_.size(), bytes.size());
  buffer_.append(bytes.substr(0, taken));
  bytes.remove_prefix(taken);
  position_ += taken;
  return buffer_.size() == wanted_;
}

void CoreFront::Want(State state, std::size_t bytes) {
  state_ = state;
  wanted_ = bytes;
}

// The first 16 bytes say how long the header is.
void CoreFront::TakeHeader() {
  const auto elf_class = ElfClassOf(buffer_);
  if (!elf_class) return Want(State::kNoCore, 0);
  if (state_ == State::kIdent) return Want(State::kHeader, ElfHeaderBytes(*elf_class));
  const auto header = ParseElfHeader(buffer_);
  buffer_.clear();
  const bool readable = header && header->type == ET_CORE && header->segments > 0 &&
                        header->segment_bytes == ElfSegmentBytes(*elf_class) &&
                        header->segments_offset >= position_;
  if (!readable) return Want(State::kNoCore, 0);
  header_ = header;
  segments_left_ = header->segments;
  segments_.Reserve(header->segments);
  skip_to_ = header->segments_offset;
  Want(State::kSegments, header->segment_bytes);
}

void CoreFront::TakeSegment() {
  const ElfSegment segment = *ParseElfSegment(buffer_, header_->elf_class);
  buffer_.clear();
  const bool is_first = position_ == header_->segments_offset + header_->segment_bytes;
  if (is_first && header_->segments == PN_XNUM) {
    // How many there are stands at the end of the file. The kernel puts its notes behind them.
    const bool tells = segment.type == PT_NOTE && segment.offset > header_->segments_offset;
    if (!tells) return Want(State::kNoCore, 0);
    segments_left_ = (segment.offset - header_->segments_offset) / header_->segment_bytes;
  }
  Count(segment);
  if (segments_left_ > 0) --segments_left_;
  if (segments_left_ == 0) EndSegments();
}

void CoreFront::Count(const ElfSegment& segment) {
  if (segment.file_bytes > UINT64_MAX - segment.offset) return;
  if (segment.file_bytes > 0)
    core_bytes_ = std::max(core_bytes_, segment.offset + segment.file_bytes);
  if (segment.type == PT_LOAD) segments_.Add(segment);
  const bool has_notes = segment.type == PT_NOTE && segment.file_bytes > 0;
  if (has_notes && note_ranges_.size() < kMaxNoteSegments) {
    note_ranges_.push_back({segment.offset, segment.file_bytes});
  }
}

void CoreFront::EndSegments() {
  core_bytes_ = std::max(core_bytes_, position_);
  segments_.Sort();
  std::ranges::stable_sort(note_ranges_, std::greater<>(), &NoteRange::offset);
  state_ = State::kNotes;
  NextNotes();
}

// Notes that begin before here overlap others or the headers: nobody writes such.
void CoreFront::NextNotes() {
  while (!note_ranges_.empty() && note_ranges_.back().offset < position_) note_ranges_.pop_back();
  if (note_ranges_.empty()) {
    state_ = State::kDone;
  } else {
    skip_to_ = note_ranges_.back().offset;
  }
}

void CoreFront::TakeNotes(std::string_view& bytes) {
  NoteRange& range = note_ranges_.back();
  const auto taken = std::min(ToSize(range.bytes), bytes.size());
  notes_.Update(bytes.substr(0, taken));
  bytes.remove_prefix(taken);
  position_ += taken;
  range.bytes -= taken;
  range.offset += taken;
  if (range.bytes > 0) return;
  notes_.Finish();
  note_ranges_.pop_back();
  NextNotes();
}

}  // namespace edgefeed
