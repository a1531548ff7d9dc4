#pragma once

#include "common/model/metric.h"

// The metrics that an agent reads, as constants. To add one: write it here, list it in catalog.cc,
// and add its reading to the source in agent/proc that parses the kernel's file.
namespace edgefeed::metrics {

// The two headline values that every sample carries as fields of its own; here so that rules and
// queries can name them.
inline constexpr MetricInfo kCpuUsage{
    "cpu_usage", Unit::kPercent, Kind::kGauge, "",
    "Busy share of all CPUs together since the sample before (/proc/stat)."};
inline constexpr MetricInfo kMemoryMb{
    "memory_mb", Unit::kMebibytes, Kind::kGauge, "",
    "Memory in use: MemTotal - MemAvailable; before Linux 3.14 MemTotal - MemFree - Buffers - "
    "Cached (/proc/meminfo)."};

// The agent itself.
inline constexpr MetricInfo kAgentCpuSeconds{
    "agent_cpu_seconds_total", Unit::kSeconds, Kind::kCounter, "",
    "CPU time, user and system, that the agent has used (/proc/self/stat)."};
inline constexpr MetricInfo kAgentMissedTicks{
    "agent_missed_ticks_total", Unit::kNone, Kind::kCounter, "",
    "Samples left out because the agent came too late for them."};
inline constexpr MetricInfo kAgentNetworkReceiveBytes{
    "agent_network_receive_bytes_total", Unit::kBytes, Kind::kCounter, "",
    "Bytes that the agent's connections have received, with the headers of TCP and IP; without "
    "what "
    "came between the last sample and the end of a connection (TCP_INFO)."};
inline constexpr MetricInfo kAgentNetworkTransmitBytes{
    "agent_network_transmit_bytes_total", Unit::kBytes, Kind::kCounter, "",
    "Bytes that the agent's connections have sent, with the headers of TCP and IP and what was "
    "sent "
    "again; without what left between the last sample and the end of a connection (TCP_INFO)."};
inline constexpr MetricInfo kAgentOpenFds{"agent_open_fds", Unit::kNone, Kind::kGauge, "",
                                          "File descriptors that the agent holds (/proc/self/fd)."};
inline constexpr MetricInfo kAgentReadErrors{
    "agent_read_errors_total", Unit::kNone, Kind::kCounter, "",
    "Times that one of the kernel's files could not be read or understood."};
inline constexpr MetricInfo kAgentResidentMemory{
    "agent_resident_memory_bytes", Unit::kBytes, Kind::kGauge, "",
    "Memory of the agent that is in RAM (/proc/self/stat)."};
inline constexpr MetricInfo kAgentSeriesDropped{
    "agent_series_dropped_total", Unit::kNone, Kind::kCounter, "",
    "Readings left out because the agent's table of series was full."};
inline constexpr MetricInfo kAgentAlertsSkipped{
    "agent_alerts_skipped_total", Unit::kNone, Kind::kCounter, "",
    "Alerts for which on_alert was not run, because too many waited already."};
inline constexpr MetricInfo kAgentDumpsBytes{
    "agent_dumps_bytes", Unit::kBytes, Kind::kGauge, "",
    "Crash dumps, packed, that wait on the device for the collector."};
inline constexpr MetricInfo kAgentDumpsDelivered{
    "agent_dumps_delivered_total", Unit::kNone, Kind::kCounter, "",
    "Crash dumps, also as a description only, that the collector has confirmed."};
inline constexpr MetricInfo kAgentDumpsDropped{
    "agent_dumps_dropped_total", Unit::kNone, Kind::kCounter, "reason",
    "Crash dumps whose bytes nobody will see, or (expired, rejected, too_many) of which nothing is "
    "left."};
inline constexpr MetricInfo kAgentDumpsQuarantined{
    "agent_dumps_quarantined", Unit::kNone, Kind::kGauge, "",
    "Crash dumps that are kept and not sent any more, because that failed too often."};
inline constexpr MetricInfo kAgentDumpsSkipped{
    "agent_dumps_skipped_total", Unit::kNone, Kind::kCounter, "reason",
    "What is in a directory for crash dumps, cannot be one and is left alone."};
inline constexpr MetricInfo kAgentDumpsSuppressed{
    "agent_dumps_suppressed_total", Unit::kNone, Kind::kCounter, "",
    "Crashes that were only counted, because there were too many."};
inline constexpr MetricInfo kAgentDumpsTaken{
    "agent_dumps_taken_total", Unit::kNone, Kind::kCounter, "",
    "Crashes of which a dump, or at least a description, was sealed."};
inline constexpr MetricInfo kAgentDumpsWaiting{
    "agent_dumps_waiting", Unit::kNone, Kind::kGauge, "",
    "Crash dumps, also as a description only, that wait on the device for the collector."};
inline constexpr MetricInfo kAgentFeedConnects{
    "agent_feed_connects_total", Unit::kNone, Kind::kCounter, "",
    "Times that the agent has connected to a collector."};
inline constexpr MetricInfo kAgentSamplesAcknowledged{"agent_samples_acknowledged_total",
                                                      Unit::kNone, Kind::kCounter, "",
                                                      "Samples that the collector has taken."};
inline constexpr MetricInfo kAgentSamplesCollected{
    "agent_samples_collected_total", Unit::kNone, Kind::kCounter, "",
    "Samples taken: with the recovered ones acknowledged + queued + dropped."};
inline constexpr MetricInfo kAgentSamplesDropped{
    "agent_samples_dropped_total", Unit::kNone, Kind::kCounter, "reason",
    "Samples lost: memory_full, outbox_full and disk_full made room for newer ones or for others, "
    "damaged could not be read back, rejected were refused by the collector."};
inline constexpr MetricInfo kAgentSamplesRecovered{
    "agent_samples_recovered_total", Unit::kNone, Kind::kCounter, "",
    "Samples of earlier runs of the agent that were found on disk."};
inline constexpr MetricInfo kAgentOutboxDiskSize{"agent_outbox_disk_bytes", Unit::kBytes,
                                                 Kind::kGauge, "", "Size of the outbox's files."};
inline constexpr MetricInfo kAgentOutboxWritten{"agent_outbox_written_bytes_total", Unit::kBytes,
                                                Kind::kCounter, "",
                                                "Bytes that the outbox has written to disk."};
inline constexpr MetricInfo kAgentSamplesQueued{
    "agent_samples_queued", Unit::kNone, Kind::kGauge, "",
    "Samples that wait to be sent, or are on their way to be acknowledged."};
inline constexpr MetricInfo kAgentCertificateExpires{
    "agent_certificate_expires_seconds", Unit::kSeconds, Kind::kGauge, "",
    "How long the agent's own certificate is good from now on, to the hour; negative: it has "
    "expired."};
inline constexpr MetricInfo kAgentTlsRenewalsRefused{
    "agent_tls_renewals_refused_total", Unit::kNone, Kind::kCounter, "",
    "Changes of the agent's certificates or key that could not be used."};
inline constexpr MetricInfo kAgentStatsdDatagramsLost{
    "agent_statsd_datagrams_lost_total", Unit::kNone, Kind::kCounter, "",
    "Datagrams of applications that the kernel had no room for (SO_RXQ_OVFL)."};
inline constexpr MetricInfo kAgentStatsdDropped{
    "agent_statsd_dropped_total", Unit::kNone, Kind::kCounter, "application,reason",
    "Lines of applications that were not taken: malformed, unsupported, conflict, rate, series, "
    "names or memory."};
inline constexpr MetricInfo kAgentStatsdLines{"agent_statsd_lines_total", Unit::kNone,
                                              Kind::kCounter, "application",
                                              "Lines of applications that were taken."};
inline constexpr MetricInfo kAgentStatsdMemory{"agent_statsd_memory_bytes", Unit::kBytes,
                                               Kind::kGauge, "",
                                               "Memory that the series of applications take."};
inline constexpr MetricInfo kAgentStatsdSeries{"agent_statsd_series", Unit::kNone, Kind::kGauge, "",
                                               "Series of applications that a sample has now."};
inline constexpr MetricInfo kAgentThreads{"agent_threads", Unit::kNone, Kind::kGauge, "",
                                          "Threads of the agent (/proc/self/stat)."};

// Of the device's boots.
inline constexpr MetricInfo kBoots{
    "boots_total", Unit::kNone, Kind::kCounter, "reason",
    "Boots since an agent first ran on the device, by how the one before ended: clean, "
    "kernel_panic, watchdog, overheat, under_voltage, unclean or unknown."};
inline constexpr MetricInfo kBootOffline{
    "boot_offline_seconds", Unit::kSeconds, Kind::kGauge, "",
    "How long the device was away before this boot, since its last sign of life; up to five "
    "minutes too long when the boot before ended without a warning."};

// The health of a board: its supply, flash and cooling.
inline constexpr MetricInfo kBatteryCharge{"battery_charge_ratio", Unit::kRatio, Kind::kGauge,
                                           "supply",
                                           "How full a battery is (power_supply/*/capacity)."};
inline constexpr MetricInfo kBatteryDischarging{
    "battery_discharging", Unit::kNone, Kind::kGauge, "supply",
    "1 while the device lives on the battery (power_supply/*/status)."};
inline constexpr MetricInfo kMainsOnline{
    "mains_online", Unit::kNone, Kind::kGauge, "supply",
    "1 while there is power from outside (power_supply/*/online)."};
inline constexpr MetricInfo kUnderVoltage{
    "under_voltage", Unit::kNone, Kind::kGauge, "sensor",
    "1 while the supply's voltage is too low (hwmon/*/in*_lcrit_alarm, get_throttled)."};
inline constexpr MetricInfo kUnderVoltageSeen{
    "under_voltage_seen", Unit::kNone, Kind::kGauge, "sensor",
    "1 once the supply's voltage has been too low since the boot (get_throttled)."};
inline constexpr MetricInfo kFirmwareThrottled{
    "firmware_throttled", Unit::kNone, Kind::kGauge, "",
    "1 while the firmware holds the CPUs back, because of heat or of the supply (get_throttled)."};
inline constexpr MetricInfo kFirmwareThrottledSeen{
    "firmware_throttled_seen", Unit::kNone, Kind::kGauge, "",
    "1 once the firmware has held the CPUs back since the boot (get_throttled)."};
inline constexpr MetricInfo kCooling{
    "cooling_ratio", Unit::kRatio, Kind::kGauge, "type",
    "How far the kernel cools with devices of a type, CPUs that it slows down or fans: 1 is as far "
    "as it can; of several the largest (cooling_device*/cur_state)."};
inline constexpr MetricInfo kEmmcLifeUsed{
    "emmc_life_used_ratio", Unit::kRatio, Kind::kGauge, "device,type",
    "How much of an eMMC's life is used, rounded up to tenths; 1.1: all of it, and more. Types a "
    "and b are its two kinds of memory (life_time, JEDEC JESD84-B50)."};
inline constexpr MetricInfo kEmmcPreEol{
    "emmc_pre_eol", Unit::kNone, Kind::kGauge, "device",
    "Spare blocks of an eMMC: 1 normal, 2 warning, 80 % are used, 3 urgent (pre_eol_info)."};

// The control group that the agent runs in: its container's or service's memory.
inline constexpr MetricInfo kCgroupMemoryLimit{
    "cgroup_memory_limit_bytes", Unit::kBytes, Kind::kGauge, "",
    "Memory limit of the agent's control group, if it has one (memory.max)."};
inline constexpr MetricInfo kCgroupMemoryUsage{
    "cgroup_memory_usage_bytes", Unit::kBytes, Kind::kGauge, "",
    "Memory charged to the agent's control group (memory.current)."};

// CPUs. The sum has its own name so that adding up cpu_seconds_total counts nothing twice.
inline constexpr MetricInfo kCpuAllSeconds{
    "cpu_all_seconds_total", Unit::kSeconds, Kind::kCounter, "mode",
    "Time that all CPUs together have spent in a mode (first line of /proc/stat)."};
inline constexpr MetricInfo kCpuCoreThrottles{
    "cpu_core_throttles_total", Unit::kNone, Kind::kCounter, "cpu",
    "Times that a core was slowed down because of heat (thermal_throttle/core_throttle_count)."};
inline constexpr MetricInfo kCpuFrequency{"cpu_frequency_hertz", Unit::kHertz, Kind::kGauge, "cpu",
                                          "Clock rate of a CPU now (cpufreq/scaling_cur_freq)."};
inline constexpr MetricInfo kCpuPackageThrottles{
    "cpu_package_throttles_total", Unit::kNone, Kind::kCounter, "package",
    "Times that a CPU package was slowed down because of heat "
    "(thermal_throttle/package_throttle_count)."};
inline constexpr MetricInfo kCpuSeconds{
    "cpu_seconds_total", Unit::kSeconds, Kind::kCounter, "cpu,mode",
    "Time that one CPU has spent in a mode; user includes guests (/proc/stat)."};

// Whole disks with hardware behind them: no partitions, loop, RAM or mapped devices.
inline constexpr MetricInfo kDiskIoInFlight{"disk_io_in_flight", Unit::kNone, Kind::kGauge,
                                            "device",
                                            "Requests that a disk works on now (/proc/diskstats)."};
inline constexpr MetricInfo kDiskIoSeconds{
    "disk_io_seconds_total", Unit::kSeconds, Kind::kCounter, "device",
    "Time in which a disk had at least one request to work on (/proc/diskstats)."};
inline constexpr MetricInfo kDiskReadBytes{"disk_read_bytes_total", Unit::kBytes, Kind::kCounter,
                                           "device", "Bytes read from a disk (/proc/diskstats)."};
inline constexpr MetricInfo kDiskReads{"disk_reads_total", Unit::kNone, Kind::kCounter, "device",
                                       "Reads that a disk has completed (/proc/diskstats)."};
inline constexpr MetricInfo kDiskWrites{"disk_writes_total", Unit::kNone, Kind::kCounter, "device",
                                        "Writes that a disk has completed (/proc/diskstats)."};
inline constexpr MetricInfo kDiskWrittenBytes{"disk_written_bytes_total", Unit::kBytes,
                                              Kind::kCounter, "device",
                                              "Bytes written to a disk (/proc/diskstats)."};

// The kernel's own tables and activity.
inline constexpr MetricInfo kBootTime{"boot_time_seconds", Unit::kSeconds, Kind::kGauge, "",
                                      "Unix time of the last boot (btime of /proc/stat)."};
inline constexpr MetricInfo kContextSwitches{"context_switches_total", Unit::kNone, Kind::kCounter,
                                             "", "Context switches (ctxt of /proc/stat)."};
inline constexpr MetricInfo kFileDescriptorsAllocated{
    "file_descriptors_allocated", Unit::kNone, Kind::kGauge, "",
    "Open files of the whole system (/proc/sys/fs/file-nr)."};
inline constexpr MetricInfo kFileDescriptorsMax{
    "file_descriptors_max", Unit::kNone, Kind::kGauge, "",
    "Most files that the whole system may have open (/proc/sys/fs/file-nr)."};
inline constexpr MetricInfo kInterrupts{"interrupts_total", Unit::kNone, Kind::kCounter, "",
                                        "Interrupts served (intr of /proc/stat)."};
inline constexpr MetricInfo kLoad1{
    "load1", Unit::kNone, Kind::kGauge, "",
    "Tasks running or waiting, averaged over 1 minute (/proc/loadavg)."};
inline constexpr MetricInfo kLoad15{
    "load15", Unit::kNone, Kind::kGauge, "",
    "Tasks running or waiting, averaged over 15 minutes (/proc/loadavg)."};
inline constexpr MetricInfo kLoad5{
    "load5", Unit::kNone, Kind::kGauge, "",
    "Tasks running or waiting, averaged over 5 minutes (/proc/loadavg)."};
inline constexpr MetricInfo kProcesses{"processes", Unit::kNone, Kind::kGauge, "",
                                       "Processes, counted every 10 s (/proc)."};
inline constexpr MetricInfo kProcessesBlocked{
    "processes_blocked", Unit::kNone, Kind::kGauge, "",
    "Tasks that wait for a disk or the like (procs_blocked of /proc/stat)."};
inline constexpr MetricInfo kProcessesRunning{
    "processes_running", Unit::kNone, Kind::kGauge, "",
    "Tasks that run or could run (procs_running of /proc/stat)."};
inline constexpr MetricInfo kThreads{"threads", Unit::kNone, Kind::kGauge, "",
                                     "Threads, the kernel's own included (/proc/loadavg)."};
inline constexpr MetricInfo kUptime{"uptime_seconds", Unit::kSeconds, Kind::kGauge, "",
                                    "Time since the last boot (/proc/uptime)."};

// File systems on local storage.
inline constexpr MetricInfo kFilesystemAvailable{
    "filesystem_available_bytes", Unit::kBytes, Kind::kGauge, "fstype,mountpoint",
    "Space that an ordinary user can still fill (statvfs)."};
inline constexpr MetricInfo kFilesystemFree{
    "filesystem_free_bytes", Unit::kBytes, Kind::kGauge, "fstype,mountpoint",
    "Free space, with what is reserved for root (statvfs)."};
inline constexpr MetricInfo kFilesystemInodes{"filesystem_inodes", Unit::kNone, Kind::kGauge,
                                              "fstype,mountpoint",
                                              "Files that a file system has room for (statvfs)."};
inline constexpr MetricInfo kFilesystemInodesFree{"filesystem_inodes_free", Unit::kNone,
                                                  Kind::kGauge, "fstype,mountpoint",
                                                  "Files that can still be created (statvfs)."};
inline constexpr MetricInfo kFilesystemReadonly{"filesystem_readonly", Unit::kNone, Kind::kGauge,
                                                "fstype,mountpoint",
                                                "1 when it cannot be written to (statvfs)."};
inline constexpr MetricInfo kFilesystemSize{"filesystem_size_bytes", Unit::kBytes, Kind::kGauge,
                                            "fstype,mountpoint",
                                            "Size of a file system (statvfs)."};

// Memory.
inline constexpr MetricInfo kMemoryAvailable{
    "memory_available_bytes", Unit::kBytes, Kind::kGauge, "",
    "Memory that can be had without swapping; not before Linux 3.14 (/proc/meminfo)."};
inline constexpr MetricInfo kMemoryBuffers{"memory_buffers_bytes", Unit::kBytes, Kind::kGauge, "",
                                           "Memory that caches disk blocks (/proc/meminfo)."};
inline constexpr MetricInfo kMemoryCached{"memory_cached_bytes", Unit::kBytes, Kind::kGauge, "",
                                          "Memory that caches files (/proc/meminfo)."};
inline constexpr MetricInfo kMemoryFree{"memory_free_bytes", Unit::kBytes, Kind::kGauge, "",
                                        "Memory not used for anything (/proc/meminfo)."};
inline constexpr MetricInfo kMemoryTotal{"memory_total_bytes", Unit::kBytes, Kind::kGauge, "",
                                         "Memory that the kernel manages (/proc/meminfo)."};
inline constexpr MetricInfo kMemoryUsed{"memory_used_bytes", Unit::kBytes, Kind::kGauge, "",
                                        "As memory_mb, in bytes (/proc/meminfo)."};
inline constexpr MetricInfo kSwapFree{"swap_free_bytes", Unit::kBytes, Kind::kGauge, "",
                                      "Swap not in use (/proc/meminfo)."};
inline constexpr MetricInfo kSwapTotal{"swap_total_bytes", Unit::kBytes, Kind::kGauge, "",
                                       "Swap there is; 0 without any (/proc/meminfo)."};
inline constexpr MetricInfo kSwapUsed{"swap_used_bytes", Unit::kBytes, Kind::kGauge, "",
                                      "Swap in use (/proc/meminfo)."};

// Network interfaces, without loopback and the host's ends of containers.
inline constexpr MetricInfo kNetworkCarrier{
    "network_carrier", Unit::kNone, Kind::kGauge, "device",
    "1 when the link is there, 0 when it is not or the interface is down (carrier)."};
inline constexpr MetricInfo kNetworkReceiveBytes{"network_receive_bytes_total", Unit::kBytes,
                                                 Kind::kCounter, "device",
                                                 "Bytes received (/proc/net/dev)."};
inline constexpr MetricInfo kNetworkReceiveDrops{
    "network_receive_drops_total", Unit::kNone, Kind::kCounter, "device",
    "Good packets thrown away on receiving (/proc/net/dev)."};
inline constexpr MetricInfo kNetworkReceiveErrors{"network_receive_errors_total", Unit::kNone,
                                                  Kind::kCounter, "device",
                                                  "Bad packets received (/proc/net/dev)."};
inline constexpr MetricInfo kNetworkReceivePackets{"network_receive_packets_total", Unit::kNone,
                                                   Kind::kCounter, "device",
                                                   "Packets received (/proc/net/dev)."};
inline constexpr MetricInfo kNetworkSpeed{
    "network_speed_bytes", Unit::kBytes, Kind::kGauge, "device",
    "Bytes per second that the link could carry, where the driver knows (speed)."};
inline constexpr MetricInfo kNetworkTransmitBytes{"network_transmit_bytes_total", Unit::kBytes,
                                                  Kind::kCounter, "device",
                                                  "Bytes sent (/proc/net/dev)."};
inline constexpr MetricInfo kNetworkTransmitDrops{"network_transmit_drops_total", Unit::kNone,
                                                  Kind::kCounter, "device",
                                                  "Packets not sent (/proc/net/dev)."};
inline constexpr MetricInfo kNetworkTransmitErrors{
    "network_transmit_errors_total", Unit::kNone, Kind::kCounter, "device",
    "Packets that went wrong on sending (/proc/net/dev)."};
inline constexpr MetricInfo kNetworkTransmitPackets{"network_transmit_packets_total", Unit::kNone,
                                                    Kind::kCounter, "device",
                                                    "Packets sent (/proc/net/dev)."};

// Pressure stall information, Linux 4.20 and later. stall="some": at least one task waits for the
// resource; "full": every task does.
inline constexpr MetricInfo kPressureAvg10{
    "pressure_avg10_ratio", Unit::kRatio, Kind::kGauge, "resource,stall",
    "Share of the last 10 s in which tasks waited for a resource (/proc/pressure)."};
inline constexpr MetricInfo kPressureSeconds{
    "pressure_seconds_total", Unit::kSeconds, Kind::kCounter, "resource,stall",
    "Time in which tasks waited for a resource (/proc/pressure)."};

inline constexpr MetricInfo kTemperature{"temperature_celsius", Unit::kCelsius, Kind::kGauge,
                                         "type,zone",
                                         "Temperature of a thermal zone (/sys/class/thermal)."};

}  // namespace edgefeed::metrics
