# How every target of ours is compiled: link edgefeed::options.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")

find_program(EDGEFEED_CCACHE ccache)
if(EDGEFEED_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness is what ccache asks for with precompiled headers. Without the directory in the
  # hash, a fresh clone elsewhere finds what this one has compiled.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
    CCACHE_BASEDIR=${PROJECT_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${EDGEFEED_CCACHE})
endif()

add_library(edgefeed_options INTERFACE)
add_library(edgefeed::options ALIAS edgefeed_options)
target_compile_features(edgefeed_options INTERFACE cxx_std_20)
target_include_directories(edgefeed_options INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(edgefeed_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wno-sign-conversion -Wshadow -Wnon-virtual-dtor
  -Woverloaded-virtual -Wold-style-cast -Wcast-align -Wformat=2 -Wimplicit-fallthrough
  $<$<CXX_COMPILER_ID:GNU>:-Wsuggest-override -Wduplicated-cond -Wlogical-op -fpch-preprocess
    -Wno-missing-field-initializers -Winvalid-pch>
  $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-designated-field-initializers>
  $<$<BOOL:${EDGEFEED_WERROR}>:-Werror>
  $<$<CONFIG:Debug>:-g1>)
target_compile_definitions(edgefeed_options INTERFACE
  _FILE_OFFSET_BITS=64
  $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>
  $<$<CONFIG:RelWithDebInfo,Release,MinSizeRel>:_FORTIFY_SOURCE=2>)
target_compile_options(edgefeed_options INTERFACE
  $<$<CONFIG:RelWithDebInfo,Release,MinSizeRel>:-fstack-protector-strong -ffunction-sections -fdata-sections>)
target_link_options(edgefeed_options INTERFACE
  $<$<CONFIG:RelWithDebInfo,Release,MinSizeRel>:-Wl,-z,relro,-z,now,--gc-sections>)

# What users get does not say in which directory it was built: two builds of a commit are the same.
add_compile_options("$<$<CONFIG:RelWithDebInfo,Release,MinSizeRel>:-ffile-prefix-map=${PROJECT_SOURCE_DIR}=.>"
  "$<$<CONFIG:RelWithDebInfo,Release,MinSizeRel>:-ffile-prefix-map=${PROJECT_BINARY_DIR}=build>")

if(EDGEFEED_SANITIZE)
  # Generated code too: gRPC's templates are compiled there and in our files, and the linker takes
  # either.
  add_compile_options(
    -fsanitize=${EDGEFEED_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${EDGEFEED_SANITIZE})
endif()
if(EDGEFEED_SANITIZE MATCHES "address")
  # AddressSanitizer describes each global in data that a position-independent program must relocate: 60 MiB
  # that each of two hundred agents in a test would have for itself.
  add_link_options($<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-no-pie>)
endif()
if(EDGEFEED_SANITIZE STREQUAL "thread")
  # Asio's fences, which ThreadSanitizer does not understand, are no error of ours.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-tsan>)
  add_link_options("LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/thread_sanitizer.map")
endif()

# What a header costs is paid by eight files together: a whole build is quicker, a change of one file
# slower. The names that files of one folder have for themselves must differ.
function(edgefeed_compile_together name)
  if(EDGEFEED_UNITY)
    set_target_properties(${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    # An Impl made of what is in an anonymous namespace is one file's, as it was.
    target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
  endif()
endfunction()

# edgefeed_library(NAME SOURCES … [LINK …]): one folder of the tree as a static library.
function(edgefeed_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC edgefeed::options ${arg_LINK})
  edgefeed_compile_together(${name})
endfunction()
