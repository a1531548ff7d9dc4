# What `cmake --install` puts where. The components are the packages-to-be: agent, collector, ctl.
function(edgefeed_install_daemon role)
  install(TARGETS edgefeed-${role} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${role})
  install(FILES config/${role}.yaml DESTINATION /etc/edgefeed COMPONENT ${role})
  install(FILES systemd/edgefeed-${role}.service DESTINATION lib/systemd/system COMPONENT ${role})
endfunction()

edgefeed_install_daemon(agent)
install(FILES systemd/edgefeed-agent-shutdown.service DESTINATION lib/systemd/system COMPONENT agent)
install(FILES README.md LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/edgefeed COMPONENT agent)
if(EDGEFEED_AGENT_ONLY)
  return()
endif()

edgefeed_install_daemon(collector)
install(TARGETS edgefeed-inspect RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/edgefeed
  COMPONENT collector)
install(TARGETS edgefeedctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ctl)
install(FILES ctl/completion/edgefeedctl.bash DESTINATION
  ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME edgefeedctl COMPONENT ctl)
