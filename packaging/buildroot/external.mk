include $(sort $(wildcard $(BR2_EXTERNAL_EDGEFEED_PATH)/*/*.mk))
