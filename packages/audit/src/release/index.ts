// Entry point for commands that approve, release and stop. Loads no engine unless a server has rows.
export { approvalsText, approveRun, enterRun, needRunKey, type RunApprovals, rejectRun } from './approve.ts';
export { erasureSigner } from './erasure-signer.ts';
export { publicationText, releaseRun, resumePublication, stopPublication } from './publication.ts';
export { journalText, verifyJournal } from './verify-journal.ts';
