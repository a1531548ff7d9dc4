# What `cmake --install` puts where. The components are the packages: agent, collector, ctl.
include(EdgefeedManual)

# edgefeed_install_completion(COMPONENT PROGRAM FILE)
function(edgefeed_install_completion component program file)
  install(FILES ${file} DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME ${program}
    COMPONENT ${component})
endfunction()

function(edgefeed_install_daemon role)
  set(name edgefeed-${role})
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ${role})
  install(FILES config/${role}.yaml DESTINATION /etc/edgefeed COMPONENT ${role})
  install(FILES systemd/${name}.service DESTINATION lib/systemd/system COMPONENT ${role})
  install(FILES systemd/sysusers.d/${name}.conf DESTINATION lib/sysusers.d COMPONENT ${role})
  install(FILES systemd/tmpfiles.d/${name}.conf DESTINATION lib/tmpfiles.d COMPONENT ${role})
  edgefeed_install_completion(${role} ${name} ${role}/completion/${name}.bash)
  edgefeed_manual_page(${role} ${name}.8)
  edgefeed_manual_page(${role} ${name}.yaml.5)
endfunction()

edgefeed_install_daemon(agent)
install(FILES systemd/edgefeed-agent-shutdown.service systemd/edgefeed-agent-renew.service
  systemd/edgefeed-agent-renew.timer DESTINATION lib/systemd/system COMPONENT agent)
if(EDGEFEED_AGENT_ONLY)
  return()
endif()

edgefeed_install_daemon(collector)
install(FILES docs/grafana/edgefeed.json DESTINATION ${CMAKE_INSTALL_DATADIR}/edgefeed/grafana COMPONENT collector)
install(TARGETS edgefeed-inspect RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/edgefeed
  COMPONENT collector)
install(TARGETS edgefeedctl RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT ctl)
edgefeed_install_completion(ctl edgefeedctl ctl/completion/edgefeedctl.bash)
edgefeed_manual_page(ctl edgefeedctl.1)
