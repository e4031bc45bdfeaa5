export { erasureText, forgetCustomers } from './archive/forget.ts';
export { openReplay, replayText } from './archive/replay.ts';
export { isAllProven, verificationText } from './archive/verification.ts';
export { verifyArchive, verifyRun } from './archive/verify.ts';
export { archiveRun, archiveText } from './archive/write-archive.ts';
export { validate } from './validation/validate.ts';
export { type Validation, validationJsonSchema } from './validation/validation-file.ts';
export { validationText } from './validation/validation-text.ts';
