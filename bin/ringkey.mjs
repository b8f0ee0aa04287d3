#!/usr/bin/env node
// Starts the command line, which is TypeScript like the rest.
import { register } from 'tsx/esm/api';

register();
await import('../src/cli/main.ts');
