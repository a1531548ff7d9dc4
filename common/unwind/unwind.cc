#include "common/unwind/unwind.h"

#include <cxxabi.h>
#include <elfutils/libdwfl.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "common/unwind/symbol_files.h"

namespace edgefeed {
namespace {

constexpr std::size_t kMaxFrames = 64;
constexpr std::size_t kMaxThreads = 64;
constexpr std::size_t kMaxFunctionBytes = 512;

// What libdw's callbacks get at through the user data of a module.
struct ModuleContext {
  const SymbolFiles& files;
  const DumpModule& module;
};

const ModuleContext& ContextOf(void** user_data) {
  return *static_cast<const ModuleContext*>(*user_data);
}

int Give(SymbolFile file, char** file_name) {
  if (!file.fd.valid()) return -1;
  *file_name = ::strdup(file.path.c_str());  // libdw frees it, and closes the descriptor.
  return file.fd.Release();
}

int FindElf(Dwfl_Module*, void** user_data, const char*, Dwarf_Addr, char** file_name, Elf**) {
  const ModuleContext& context = ContextOf(user_data);
  return Give(context.files.FindBinary(context.module.build_id, context.module.path), file_name);
}

// NOLINTNEXTLINE(readability-function-size): what libdw calls.
int FindDebugInfo(Dwfl_Module*, void** user_data, const char*, Dwarf_Addr, const char*, const char*,
                  GElf_Word, char** file_name) {
  const ModuleContext& context = ContextOf(user_data);
  return Give(context.files.FindDebug(context.module.build_id), file_name);
}

constexpr Dwfl_Callbacks kCallbacks = {.find_elf = FindElf,
                                       .find_debuginfo = FindDebugInfo,
                                       .section_address = nullptr,
                                       .debuginfo_path = nullptr};

Error DwflError(const char* what) {
  return {Code::kDataLoss, std::string(what) + ": " + ::dwfl_errmsg(-1)};
}

std::string Demangled(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> plain(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
  std::string text = status == 0 && plain != nullptr ? plain.get() : name;
  if (text.size() > kMaxFunctionBytes) text.resize(kMaxFunctionBytes);
  return text;
}

class Unwinder {
 public:
  Unwinder(const CoreSummary& core, const std::vector<std::filesystem::path>& symbols)
      : core_(core), files_(symbols), dwfl_(::dwfl_begin(&kCallbacks)) {}

  Status Attach(int core_fd) {
    if (dwfl_ == nullptr) return DwflError("libdw");
    ::elf_version(EV_CURRENT);
    elf_.reset(::elf_begin(core_fd, ELF_C_READ, nullptr));
    if (elf_ == nullptr) return Error{Code::kDataLoss, std::string("libelf: ") + ::elf_errmsg(-1)};
    ReportModules();
    if (::dwfl_core_file_attach(dwfl_.get(), elf_.get()) < 0) return DwflError("core file");
    return {};
  }

  std::vector<DumpThread> Threads() {
    ::dwfl_getthreads(dwfl_.get(), &Unwinder::OnThread, this);
    std::vector<DumpThread> threads = core_.threads;
    for (DumpThread& thread : threads) {
      const auto found = std::ranges::find(unwound_, thread.id, &DumpThread::id);
      if (found != unwound_.end() && !found->frames.empty()) thread.frames = found->frames;
    }
    return threads;
  }

 private:
  struct EndDwfl {
    void operator()(Dwfl* dwfl) const { ::dwfl_end(dwfl); }
  };
  struct EndElf {
    void operator()(Elf* elf) const { ::elf_end(elf); }
  };

  // By ourselves: left to libdw, a core would say which files to open.
  void ReportModules() {
    contexts_.reserve(core_.modules.size());
    ::dwfl_report_begin(dwfl_.get());
    for (const DumpModule& module : core_.modules) {
      if (module.build_id.empty()) continue;
      Dwfl_Module* const reported =
          ::dwfl_report_module(dwfl_.get(), module.path.c_str(), module.start, module.end);
      if (reported == nullptr) continue;
      void** user_data = nullptr;
      ::dwfl_module_info(reported, &user_data, nullptr, nullptr, nullptr, nullptr, nullptr,
                         nullptr);
      contexts_.push_back({.files = files_, .module = module});
      *user_data = &contexts_.back();
    }
    ::dwfl_report_end(dwfl_.get(), nullptr, nullptr);
  }

  static int OnThread(Dwfl_Thread* thread, void* self) {
    auto& unwinder = *static_cast<Unwinder*>(self);
    unwinder.unwound_.push_back({.id = static_cast<std::uint32_t>(::dwfl_thread_tid(thread))});
    ::dwfl_thread_getframes(thread, &Unwinder::OnFrame, self);
    return unwinder.unwound_.size() < kMaxThreads ? DWARF_CB_OK : DWARF_CB_ABORT;
  }

  static int OnFrame(Dwfl_Frame* frame, void* self) {
    auto& unwinder = *static_cast<Unwinder*>(self);
    Dwarf_Addr pc = 0;
    bool is_where_it_stopped = false;
    if (!::dwfl_frame_pc(frame, &pc, &is_where_it_stopped)) return DWARF_CB_ABORT;
    std::vector<DumpFrame>& frames = unwinder.unwound_.back().frames;
    // A caller's address is the one behind its call, which may be another line or function.
    frames.push_back(unwinder.FrameAt(pc, is_where_it_stopped ? pc : pc - 1));
    return frames.size() < kMaxFrames ? DWARF_CB_OK : DWARF_CB_ABORT;
  }

  DumpFrame FrameAt(Dwarf_Addr pc, Dwarf_Addr of_code) {
    DumpFrame frame{.offset = pc};
    for (std::size_t i = 0; i < core_.modules.size(); ++i) {
      const DumpModule& module = core_.modules[i];
      if (pc < module.start || pc >= module.end) continue;
      frame = {
          .module = module.path, .build_id = module.build_id, .offset = pc - core_.load_biases[i]};
    }
    if (Dwfl_Module* const module = ::dwfl_addrmodule(dwfl_.get(), of_code)) {
      const char* const name = ::dwfl_module_addrname(module, of_code);
      if (name != nullptr) frame.function = Demangled(name);
      frame.source = SourceAt(module, of_code);
    }
    return frame;
  }

  static std::string SourceAt(Dwfl_Module* module, Dwarf_Addr address) {
    Dwfl_Line* const line = ::dwfl_module_getsrc(module, address);
    if (line == nullptr) return {};
    int number = 0;
    const char* const file = ::dwfl_lineinfo(line, nullptr, &number, nullptr, nullptr, nullptr);
    if (file == nullptr) return {};
    return number > 0 ? std::string(file) + ":" + std::to_string(number) : file;
  }

  const CoreSummary& core_;
  SymbolFiles files_;
  std::vector<ModuleContext> contexts_;
  std::unique_ptr<Elf, EndElf> elf_;
  std::unique_ptr<Dwfl, EndDwfl> dwfl_;
  std::vector<DumpThread> unwound_;
};

}  // namespace

Result<std::vector<DumpThread>> Unwind(int core_fd, const CoreSummary& core,
                                       const std::vector<std::filesystem::path>& symbols) {
  Unwinder unwinder(core, symbols);
  if (const Status attached = unwinder.Attach(core_fd); !attached) return attached.error();
  return unwinder.Threads();
}

}  // namespace edgefeed
