# Everything outside this tree. pkg-config and find_program serve native and cross builds alike;
# Debian's gRPC and protobuf CMake packages do not.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

pkg_check_modules(grpcpp REQUIRED IMPORTED_TARGET grpc++)
pkg_check_modules(absl_synchronization REQUIRED IMPORTED_TARGET absl_synchronization)
pkg_check_modules(protobuf REQUIRED IMPORTED_TARGET protobuf)
pkg_check_modules(libproc2 REQUIRED IMPORTED_TARGET libproc2)
pkg_check_modules(yaml_cpp REQUIRED IMPORTED_TARGET yaml-cpp)
pkg_check_modules(spdlog REQUIRED IMPORTED_TARGET spdlog)
pkg_check_modules(openssl REQUIRED IMPORTED_TARGET openssl)
pkg_check_modules(prometheus_cpp REQUIRED IMPORTED_TARGET prometheus-cpp-core)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(libdw REQUIRED IMPORTED_TARGET libdw)
pkg_check_modules(libseccomp REQUIRED IMPORTED_TARGET libseccomp)
find_package(CLI11 REQUIRED)

# Header-only use of Boost.Asio and Boost.Beast.
find_path(EDGEFEED_BOOST_INCLUDE boost/asio.hpp REQUIRED)
add_library(edgefeed_boost INTERFACE)
target_include_directories(edgefeed_boost SYSTEM INTERFACE "${EDGEFEED_BOOST_INCLUDE}")
target_compile_definitions(edgefeed_boost INTERFACE BOOST_ASIO_NO_DEPRECATED)
target_link_libraries(edgefeed_boost INTERFACE Threads::Threads)
