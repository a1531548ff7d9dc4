#pragma once

#include <span>
#include <string_view>

namespace edgefeed {

// A file that the build put into the program.
struct EmbeddedFile {
  std::string_view name;  // "app.js"
  std::string_view hash;  // SHA-256 of the content, hexadecimal.
  std::string_view content;
};

// The files of the web page. Defined in a generated source: see cmake/EdgefeedEmbed.cmake.
std::span<const EmbeddedFile> PageFiles();

// The file that a path of the web page ("/", "/app.js") stands for, or null.
const EmbeddedFile* FindPageFile(std::string_view path);

// From the name's extension.
std::string_view ContentTypeOf(std::string_view name);

}  // namespace edgefeed
