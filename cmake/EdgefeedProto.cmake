# Generated code. Messages and services are separate libraries because their cost differs: a message
# header compiles in 2 s, a service header (all of gRPC) in 5 s.
find_program(EDGEFEED_PROTOC protoc REQUIRED)
find_program(EDGEFEED_GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)

# One compile of everything generated: what clang-tidy needs before it can read our sources.
add_custom_target(edgefeed_generated)

function(_edgefeed_generate target)
  cmake_parse_arguments(arg "" "ROOT;SUFFIX" "PROTOS;PROTOC_ARGS;LINK" ${ARGN})
  set(gen "${CMAKE_CURRENT_BINARY_DIR}/gen")
  file(MAKE_DIRECTORY "${gen}")
  set(sources)
  foreach(proto IN LISTS arg_PROTOS)
    string(REGEX REPLACE "\\.proto$" "" stem "${proto}")
    set(outputs "${gen}/${stem}.${arg_SUFFIX}.cc" "${gen}/${stem}.${arg_SUFFIX}.h")
    add_custom_command(OUTPUT ${outputs}
      COMMAND ${EDGEFEED_PROTOC} -I ${arg_ROOT} ${arg_PROTOC_ARGS} ${arg_ROOT}/${proto}
      DEPENDS ${arg_ROOT}/${proto}
      COMMENT "protoc ${proto} (${arg_SUFFIX})" VERBATIM)
    list(APPEND sources ${outputs})
  endforeach()
  add_library(${target} STATIC ${sources})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_include_directories(${target} SYSTEM PUBLIC "${gen}")
  target_compile_options(${target} PRIVATE -w)
  target_link_libraries(${target} PUBLIC ${arg_LINK})
  add_custom_target(${target}_sources DEPENDS ${sources})
  add_dependencies(edgefeed_generated ${target}_sources)
endfunction()

# edgefeed_messages(NAME ROOT DIR PROTOS a.proto …): protobuf messages.
function(edgefeed_messages target)
  cmake_parse_arguments(arg "" "ROOT" "PROTOS" ${ARGN})
  _edgefeed_generate(${target} ROOT ${arg_ROOT} SUFFIX pb PROTOS ${arg_PROTOS}
    PROTOC_ARGS --cpp_out=$<$<BOOL:${EDGEFEED_STATIC}>:lite:>${CMAKE_CURRENT_BINARY_DIR}/gen LINK PkgConfig::protobuf)
endfunction()

# edgefeed_services(NAME ROOT DIR PROTOS a.proto … MESSAGES LIB): gRPC stubs and services.
function(edgefeed_services target)
  cmake_parse_arguments(arg "" "ROOT;MESSAGES" "PROTOS" ${ARGN})
  _edgefeed_generate(${target} ROOT ${arg_ROOT} SUFFIX grpc.pb PROTOS ${arg_PROTOS}
    PROTOC_ARGS --grpc_out=${CMAKE_CURRENT_BINARY_DIR}/gen
      --plugin=protoc-gen-grpc=${EDGEFEED_GRPC_CPP_PLUGIN}
    LINK ${arg_MESSAGES} PkgConfig::grpcpp)
  edgefeed_compile_together(${target})
endfunction()
