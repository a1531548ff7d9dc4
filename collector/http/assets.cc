#include "collector/http/assets.h"

#include <algorithm>

namespace edgefeed {

const EmbeddedFile* FindPageFile(std::string_view path) {
  const std::string_view name =
      path == "/" ? "index.html" : path.substr(std::min<size_t>(1, path.size()));
  const auto files = PageFiles();
  const auto found = std::ranges::find(files, name, &EmbeddedFile::name);
  return found == files.end() ? nullptr : &*found;
}

std::string_view ContentTypeOf(std::string_view name) {
  if (name.ends_with(".html")) return "text/html; charset=utf-8";
  if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
  if (name.ends_with(".css")) return "text/css; charset=utf-8";
  if (name.ends_with(".svg")) return "image/svg+xml";
  return "application/octet-stream";
}

}  // namespace edgefeed
