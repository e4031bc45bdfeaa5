/** The source files of packages that `tsc -b` builds, each with the path of its module. */
export function sourceFiles(root: string): { file: string; module: string }[];
/** A function that gives the text of a source file's module. */
export function compiler(root: string): (file: string) => string;
/** Writes the modules of all source files that are newer than their modules. */
export function writeModules(root: string): void;
