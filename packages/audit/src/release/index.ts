// Entry point of the commands that approve, release and stop. It loads a database engine only if a server has rows of published runs.
export { approvalsText, approveRun, enterRun, needRunKey, type RunApprovals, rejectRun } from './approve.ts';
export { erasureSigner } from './journal-session.ts';
export { publicationText, releaseRun, resumePublication, stopPublication } from './publication.ts';
export { journalText, verifyJournal } from './verify-journal.ts';
