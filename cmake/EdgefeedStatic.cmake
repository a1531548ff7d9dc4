# The agent as one file (EDGEFEED_STATIC): every library is an archive, protobuf is its lite part,
# and spdlog with fmt, of which Debian has no archives, are headers. The targets have the names that
# they have otherwise.
set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
set(CMAKE_POSITION_INDEPENDENT_CODE OFF)

pkg_check_modules(protobuf REQUIRED IMPORTED_TARGET protobuf-lite)
target_compile_definitions(PkgConfig::protobuf INTERFACE GRPC_USE_PROTO_LITE)

find_path(EDGEFEED_SPDLOG_INCLUDE spdlog/spdlog.h REQUIRED)
add_library(edgefeed_spdlog_headers INTERFACE)
target_include_directories(edgefeed_spdlog_headers SYSTEM INTERFACE "${EDGEFEED_SPDLOG_INCLUDE}")
target_compile_definitions(edgefeed_spdlog_headers INTERFACE
  SPDLOG_HEADER_ONLY SPDLOG_FMT_EXTERNAL FMT_HEADER_ONLY)
target_link_libraries(edgefeed_spdlog_headers INTERFACE Threads::Threads)
add_library(PkgConfig::spdlog ALIAS edgefeed_spdlog_headers)

# The archives use each other in circles, and their pkg-config files do not say how.
function(edgefeed_link_statically program)
  # bench/footprint says by the map which library takes how much.
  target_link_options(${program} PRIVATE -static -no-pie "-Wl,-Map=$<TARGET_FILE:${program}>.map")
  target_link_libraries(${program} PRIVATE
    -Wl,--start-group ${grpcpp_LINK_LIBRARIES} ${absl_synchronization_LINK_LIBRARIES}
    ${protobuf_LINK_LIBRARIES} ${openssl_LINK_LIBRARIES} -Wl,--end-group)
endfunction()
