edgefeed_library(edgefeed_agent_config SOURCES app/config.cc LINK edgefeed_config edgefeed_model)
