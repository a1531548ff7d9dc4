// Our agent against an original server in JavaScript.

import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';

import grpc from '@grpc/grpc-js';

import { PATIENCE_MS, Program, loadOriginal } from './support.js';

const { telemetry } = loadOriginal();

// Emits 'payload' for each one, and answers the first of each feed with an alert.
async function startServer() {
  const received = new EventEmitter();
  const server = new grpc.Server();
  server.addService(telemetry.TelemetryService.service, {
    LiveFeed(feed) {
      feed.once('data', ({ service_name, cpu_usage, timestamp_ms }) => feed.write({
        alert_type: 'CPU_HIGH', message: `js alert about ${service_name}`, value: cpu_usage, timestamp_ms,
      }));
      feed.on('data', (payload) => received.emit('payload', payload));
      feed.on('end', () => feed.end());
      feed.on('error', () => {});
    },
  });
  const port = await new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound));
  });
  return { server, port, received };
}

test('an original server gets real samples in order, and its alert is logged', async () => {
  const { server, port, received } = await startServer();
  const agent = new Program('edgefeed-agent', (directory) => `
service_name: js-device
collector: {address: 127.0.0.1:${port}}
sample_interval: 100ms
state_dir: ${directory}/state
`);
  const logged = agent.waitForLine(/js alert about js-device/);
  logged.catch(() => {}); // Awaited below, after what may fail first.

  let last = Date.now() - 60_000;
  for (let i = 0; i < 10; ++i) {
    const [payload] = await once(received, 'payload', { signal: AbortSignal.timeout(PATIENCE_MS) });
    assert.equal(payload.service_name, 'js-device');
    assert.ok(payload.cpu_usage >= 0 && payload.cpu_usage <= 100, `cpu_usage ${payload.cpu_usage}`);
    assert.ok(payload.memory_mb > 1, `memory_mb ${payload.memory_mb}`);
    assert.ok(payload.timestamp_ms > last && payload.timestamp_ms <= Date.now());
    last = payload.timestamp_ms;
  }
  await logged;

  assert.equal(await agent.stop(), 0);
  server.forceShutdown();
});
