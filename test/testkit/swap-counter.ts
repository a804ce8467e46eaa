// Adds one to the number in a register so many times, as one of several processes: FOLDER NAME TIMES.
import { dataFolder } from "../../src/store/data-folder.ts";
import { DiskRegister } from "../../src/store/disk-register.ts";
import { nodeDisk } from "../../src/store/node-disk.ts";
import { thisProcess } from "../../src/store/owner.ts";

const [folder = "", name = "", times = "0"] = process.argv.slice(2);
let unique = 0;
const uniqueName = (): string => `${process.pid}-${++unique}`;
const register = new DiskRegister(
  { disk: nodeDisk, folder: dataFolder(folder), owner: thisProcess(), uniqueName },
  name,
);
for (let done = 0; done < Number(times);) {
  const from = await register.load();
  if (await register.swap(from, Buffer.from(`${Number(from ?? 0) + 1}`))) done++;
}
