# Manual pages, from docs/man, where scdoc is installed. A page of a configuration holds that file
# as it is installed.
find_program(EDGEFEED_SCDOC scdoc NO_CMAKE_FIND_ROOT_PATH)

add_custom_target(edgefeed_manual ALL DEPENDS "$<TARGET_PROPERTY:edgefeed_manual,edgefeed_pages>")

file(STRINGS "${PROJECT_SOURCE_DIR}/packaging/debian/changelog" _release REGEX "^ -- ")
list(GET _release 0 _release)
string(REGEX REPLACE "^ -- .*>  " "" _release "${_release}")

# edgefeed_manual_page(COMPONENT NAME.SECTION)
function(edgefeed_manual_page component page)
  if(NOT EDGEFEED_SCDOC)
    return()
  endif()
  set(source "${PROJECT_SOURCE_DIR}/docs/man/${page}.scd")
  set(text "${PROJECT_BINARY_DIR}/man/${page}.scd")
  set(output "${PROJECT_BINARY_DIR}/man/${page}.gz")
  if(page MATCHES "^edgefeed-(.*)\\.yaml\\.5$")
    set(config "${PROJECT_SOURCE_DIR}/config/${CMAKE_MATCH_1}.yaml")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${config}")
    file(READ "${config}" EDGEFEED_CONFIG)
  endif()
  configure_file("${source}" "${text}" @ONLY)
  # The page says the date of the release, and not that of its making.
  add_custom_command(OUTPUT "${output}"
    COMMAND sh -c "SOURCE_DATE_EPOCH=$(date -d '${_release}' +%s) '${EDGEFEED_SCDOC}' <'${text}' >'${output}.tmp'"
    COMMAND sh -c "gzip -9n <'${output}.tmp' >'${output}'"
    DEPENDS "${text}" COMMENT "Manual page ${page}" VERBATIM)
  set_property(TARGET edgefeed_manual APPEND PROPERTY edgefeed_pages "${output}")
  string(REGEX REPLACE ".*\\." "" section "${page}")
  install(FILES "${output}" DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section} COMPONENT ${component})
endfunction()
