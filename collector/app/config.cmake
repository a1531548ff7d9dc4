edgefeed_library(edgefeed_collector_config SOURCES app/config.cc
  LINK edgefeed_config edgefeed_model)
