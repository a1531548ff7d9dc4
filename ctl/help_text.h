#pragma once

// What --help says below the options: for edgefeedctl itself, and for each command.
namespace edgefeed {

constexpr const char* kExamples = R"(Examples:
  edgefeedctl devices                          the fleet as a table
  edgefeedctl watch                            the fleet, live
  edgefeedctl --collector hub:50051 --ca ca.pem snapshot cam-01
  edgefeedctl COMMAND --help                   more on one command

Configuration is read from --config FILE, or ~/.config/edgefeed/ctl.yaml, or
/etc/edgefeed/ctl.yaml, whichever is found first:
  collector: hub.example:50051
  tls: {ca: ca.pem, cert: me.pem, key: me.key}
  token: my.token                              a file with a token, instead of cert and key
EDGEFEED_COLLECTOR and EDGEFEED_TOKEN (the token itself) override the file, options override both.

Exit status: 0 done, 1 failed, 2 wrong usage, 78 bad configuration.)";

constexpr const char* kDevicesExamples = R"(Examples:
  edgefeedctl devices
  edgefeedctl devices --names                  names only, one a line
  edgefeedctl --json devices | jq .service_name)";

constexpr const char* kSnapshotExamples = R"(Examples:
  edgefeedctl snapshot cam-01
  edgefeedctl --json snapshot cam-01 | jq .readings)";

constexpr const char* kWatchExamples = R"(A live table in a terminal, one line an update in a pipe.

Examples:
  edgefeedctl watch                            the whole fleet
  edgefeedctl watch cam-01 --readings          everything one device tells
  edgefeedctl watch --interval 10s >fleet.log
  edgefeedctl --json watch --count 1 cam-01    one update, then end)";

constexpr const char* kUploadExamples =
    R"(The file is kept whole or not at all. An upload that broke off goes on where it ended when the same
command runs again; standard input starts anew.

Examples:
  edgefeedctl upload core.1234.zst
  dmesg | edgefeedctl upload - --name cam-01-dmesg.txt)";

constexpr const char* kHistoryExamples =
    R"(A plot in a terminal. In a pipe one "TIME VALUE" a line, times in RFC 3339, and an empty line where
samples are missing; several series are told apart by a line "# SERIES" before each. With --step a
value is the mean of its step, and --csv and --json have the rest: min, max, sum, count, last.

A TIME is -1h, -7d (ago), now, 2026-11-25T10:00:00Z or seconds since 1970.

Examples:
  edgefeedctl history cam-01                   CPU usage in the last hour
  edgefeedctl history cam-01 --metric disk_read_bytes_total --label device=sda --from -7d
  edgefeedctl history cam-01 --from -1d --to now --step 1m --csv >cam-01.csv)";

constexpr const char* kTokenExamples =
    R"(A token is a secret that says who somebody is, as a client certificate does. The collector's file has
its digest only; the collector reads it again within 10 s of a change.

Examples:
  edgefeedctl token new kim --role operator --lasts 90d >kim.token
  edgefeedctl token ls
  edgefeedctl token rm kim
  edgefeedctl --token kim.token --ca ca.pem --collector hub:50052 devices)";

constexpr const char* kDumpsExamples =
    R"(Crashes that look alike make a group. First the groups are shown, those with the newest crash first,
and then the newest dumps; an ID may be cut short.

`get` writes FILE.partial until all of it is there and its SHA-256 is right; the same command goes on
after an interruption. A core file is unpacked, ready for a debugger:
  edgefeedctl dumps get 3fa2 core && gdb /path/to/program core

Examples:
  edgefeedctl dumps                            what crashes in the fleet
  edgefeedctl dumps 81c0b1d2                   the dumps of one group
  edgefeedctl dumps --device cam-01
  edgefeedctl dumps show 3fa2                  signal, registers, backtrace, log
  edgefeedctl dumps rm 3fa2
  edgefeedctl --json dumps | jq -r 'select(.occurrences).title')";

constexpr const char* kAlertsExamples =
    R"(The id in the first column is what `ack` wants. NOTE says why operators are not told: silenced,
inhibited (the device's parent is offline), waits for parent, flapping.

Examples:
  edgefeedctl alerts                           what fires in the fleet
  edgefeedctl alerts --severity critical
  edgefeedctl alerts --watch cam-01            and each change, until Ctrl-C
  edgefeedctl alerts --history --from -7d --rule CPU_HIGH
  edgefeedctl --json alerts | jq -r 'select(.told | not).id')";

constexpr const char* kSilenceExamples =
    R"(FIELD is device, rule, severity, metric, labels.NAME of the series, or device.labels.NAME; an alert
must fit all of them. In a GLOB * stands for any letters and ? for one. When a silence ends,
operators are told what is different by then.

Examples:
  edgefeedctl silence add device=cam-01 --for 2h --comment "new disk"
  edgefeedctl silence add 'device.labels.site=lab' 'severity!=critical' --for 30d \
      --window "Mon-Fri 22:00-06:00 +01:00" --comment "nightly tests"
  edgefeedctl silence ls
  edgefeedctl silence rm 3)";

constexpr const char* kAcknowledgeExamples =
    R"(Operators are not reminded of an acknowledged alert, but told when it changes. It ends with the alert.

Examples:
  edgefeedctl ack 3fa2 --comment "on my way"
  edgefeedctl ack cam-01/CPU_HIGH --for 4h
  edgefeedctl unack 3fa2)";

constexpr const char* kBackupExamples =
    R"(The collector goes on meanwhile. What was stored when the backup ended is in it; it is verified before
this says so. Until then it is called DIR.partial, and that is no backup.

To restore: stop the collector, put DIR in the place of history/ in its data_dir (owned by the user
that it runs as), start it.

Examples:
  edgefeedctl backup /backups/fleet-$(date +%F)
  systemctl stop edgefeed-collector            restore:
  mv /var/lib/edgefeed-collector/history /var/lib/edgefeed-collector/history.old
  cp -a /backups/fleet-2026-11-25 /var/lib/edgefeed-collector/history
  chown -R --reference /var/lib/edgefeed-collector /var/lib/edgefeed-collector/history
  systemctl start edgefeed-collector)";

constexpr const char* kVerifyExamples =
    R"(Reads everything and changes nothing; needs no collector, and may be used beside one. A line for each
damage, beginning with the file, then a sum for each PATH.

Exit status: 0 all is whole, 1 something is damaged, or no file of Edgefeed's.

Examples:
  edgefeedctl verify /backups/fleet-2026-11-25
  edgefeedctl verify /var/lib/edgefeed-collector       the collector's history
  edgefeedctl verify /var/lib/edgefeed-agent           what waits on a device's disk
  edgefeedctl --json verify *.seg | jq .damage[])";

constexpr const char* kRulesExamples =
    R"(check and test need no collector. docs/RULES.md describes rules, and files of tests.

Exit status: 0 all is good, 1 something is wrong, or a test failed.

Examples:
  edgefeedctl rules check /etc/edgefeed/collector.yaml rules.d/*.yaml
  edgefeedctl rules test room_test.yaml
  edgefeedctl rules replay new.yaml --from -7d         what would have fired in the fleet
  edgefeedctl rules replay new.yaml --from -1h cam-01 cam-02
  edgefeedctl rules explain cam-01 CPU_HIGH            which override set its threshold)";

constexpr const char* kCaExamples =
    R"(Needs no collector. The CA is a directory of files; who can read its ca.key can be anybody in the
fleet, so keep it off the collector's host, unless it enrols devices. docs/CERTIFICATES.md says more.

Examples:
  edgefeedctl ca init
  edgefeedctl ca issue collector hub.example 10.0.0.1
  edgefeedctl ca issue device cam-01           then copy device-cam-01/ to its /etc/edgefeed
  edgefeedctl ca issue operator alice --lasts 30d
  edgefeedctl ca issue device cam-02 --request cam-02.csr
  edgefeedctl ca enrol-token cam-03            then edgefeed-agent enrol TOKEN there
  edgefeedctl ca ls                            what expires next
  edgefeedctl ca renew cam-01                  its key stays where it is
  edgefeedctl ca revoke cam-01                 then copy crl.pem to the collector)";

constexpr const char* kCompletionExamples = R"(Examples:
  source <(edgefeedctl completion bash)        this shell
  edgefeedctl completion bash >~/.local/share/bash-completion/completions/edgefeedctl)";

}  // namespace edgefeed
