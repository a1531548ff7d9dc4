// What both tests need: the original contract as grpc-js sees it, and our programs.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const PROTO_DIRECTORY = fileURLToPath(new URL('../original-proto/', import.meta.url));
export const PATIENCE_MS = 30_000;

export function loadOriginal() {
  const definition = protoLoader.loadSync(['telemetry.proto', 'fileupload.proto'], {
    includeDirs: [PROTO_DIRECTORY],
    keepCase: true,
    longs: Number,
    defaults: true,
  });
  return grpc.loadPackageDefinition(definition);
}

export function deadline() {
  return { deadline: Date.now() + PATIENCE_MS };
}

// Rejects with `what` when `promise` takes too long.
export async function within(promise, what) {
  let timer;
  const timeout = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`timed out: ${what}`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

// One of our programs with a configuration of its own. `configure` gets a directory that goes away
// with the program, and returns the YAML.
export class Program {
  #lines = [];
  #waiting = [];

  constructor(name, configure) {
    this.name = name;
    this.directory = mkdtempSync(join(tmpdir(), 'edgefeed-node-'));
    const config = join(this.directory, 'config.yaml');
    writeFileSync(config, configure(this.directory));
    const program = join(process.env.EDGEFEED_BIN_DIR ?? '.', name);
    this.child = spawn(program, ['--config', config], { stdio: ['ignore', 'inherit', 'pipe'] });
    this.ended = once(this.child, 'exit');
    createInterface({ input: this.child.stderr }).on('line', (line) => this.#take(line));
  }

  #take(line) {
    this.#lines.push(line);
    this.#waiting = this.#waiting.filter(({ pattern, resolve }) => {
      const match = pattern.exec(line);
      if (match) resolve(match);
      return !match;
    });
  }

  // The match of `pattern` in the first line of its log that has one.
  waitForLine(pattern) {
    for (const line of this.#lines) {
      const match = pattern.exec(line);
      if (match) return Promise.resolve(match);
    }
    const found = new Promise((resolve) => this.#waiting.push({ pattern, resolve }));
    const ended = this.ended.then(() => {
      throw new Error(`${this.name} ended without ${pattern}. It wrote:\n${this.#lines.join('\n')}`);
    });
    return within(Promise.race([found, ended]), `${this.name} to write ${pattern}`);
  }

  // Ends it as a service manager would, and returns its exit status.
  async stop() {
    this.child.kill('SIGTERM');
    try {
      const [status] = await within(this.ended, `${this.name} to end`);
      return status;
    } catch (error) {
      this.child.kill('SIGKILL');
      throw error;
    } finally {
      rmSync(this.directory, { recursive: true, force: true });
    }
  }
}
