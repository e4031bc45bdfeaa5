export type { BandConfig } from './bands.ts';
export { loadConfig, parseConfig, type Settings, settingsPath } from './load.ts';
export { redact } from './redact.ts';
export {
  type CampaignConfig,
  type Config,
  configJsonSchema,
  type FeatureConfig,
  type RuleConfig,
  type SegmentConfig,
} from './schema.ts';
export type { ModelConfig } from './schema-model.ts';
