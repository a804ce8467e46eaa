import { labModule, type LabModule } from "./lab-module.ts";

const path = "lab.example/hello";
const version = "v1.0.0";

/** The dependency, as `go get` names it. */
export const poisonSubject = `${path}@${version}`;

/** The dependency as it was published and recorded. */
export const publishedModule = helloThat("the code that was published");

/** Other bytes for the same version, as a proxy has them that was tampered with, or that kept a tag which was moved. */
export const otherModule = helloThat("OTHER CODE THAN WAS PUBLISHED");

/** A main module that runs the dependency; it requires it where `isAdded`. */
export function mainModule(isAdded: boolean): Record<string, string> {
  const requirement = isAdded ? `\nrequire ${path} ${version}\n` : "";
  return {
    "go.mod": `module lab.example/app\n\ngo 1.21\n${requirement}`,
    "main.go": `package main\n\nimport "${path}"\n\nfunc main() { hello.Greet() }\n`,
  };
}

function helloThat(says: string): LabModule {
  // println needs no package of the standard library, whose compilation would take most of the time.
  const text = `package hello\n\nfunc Greet() { println("this is ${says}") }\n`;
  return labModule({ path, version, files: { "hello.go": text } });
}
