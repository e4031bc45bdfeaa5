#!/usr/bin/env node
import { watchSignals } from '../dist/signals.js';

// before all else is loaded, which takes longer than some service managers wait
watchSignals();
await import('../dist/main.js');
