import { answerSettings } from "./answer-settings.ts";
import { moduleSettings } from "./module-settings.ts";
import { servingSettings } from "./serving-settings.ts";
import type { Setting } from "./setting.ts";

/**
 * The settings table: everything that modgate can be told. File schema, variables, flags and
 * documentation are made from it. The keys of this object are for code alone.
 */
export const settings = { ...servingSettings, ...moduleSettings, ...answerSettings };

/** The table in its order. */
export const settingList: readonly Setting<unknown>[] = Object.values(settings);
