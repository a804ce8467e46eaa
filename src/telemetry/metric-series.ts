/** One value of a metric, as prom-client's registries exchange it. */
export interface MetricValue {
  readonly value: number;
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly metricName?: string;
}

/** Cells by label values: the request path pays for one lookup, labels are made when somebody asks. */
class Cells<T> {
  readonly #cells = new Map<string, { readonly values: readonly string[]; readonly cell: T }>();
  readonly #make: () => T;

  constructor(make: () => T) {
    this.#make = make;
  }

  at(first: string, second = "", third = ""): T {
    const key = `${first}\n${second}\n${third}`;
    const known = this.#cells.get(key);
    if (known) return known.cell;
    const made = { values: [first, second, third], cell: this.#make() };
    this.#cells.set(key, made);
    return made.cell;
  }

  entries(labels: readonly string[]): { readonly labels: Record<string, string>; readonly cell: T }[] {
    return [...this.#cells.values()].map(({ values, cell }) => ({
      labels: Object.fromEntries(labels.map((name, index) => [name, values[index] ?? ""])),
      cell,
    }));
  }
}

/** The count of one combination of label values. */
export interface Counter {
  count: number;
}

/** A counter with up to three labels, given in the order of `labels`. */
export class CounterSeries {
  readonly #labels: readonly string[];
  readonly #cells = new Cells((): Counter => ({ count: 0 }));

  constructor(labels: readonly string[]) {
    this.#labels = labels;
  }

  /** The cell of these label values, to be counted in. */
  at(first: string, second?: string, third?: string): Counter {
    return this.#cells.at(first, second, third);
  }

  add(amount: number, first: string, second?: string, third?: string): void {
    this.#cells.at(first, second, third).count += amount;
  }

  values(): MetricValue[] {
    return this.#cells.entries(this.#labels).map(({ labels, cell }) => ({ labels, value: cell.count }));
  }
}

/** The values of one combination of label values. */
export interface Distribution {
  /** How many fell into each bucket and no earlier one; the last is for what is above all bounds. */
  readonly counts: Float64Array;
  sum: number;
}

/** A histogram with up to two labels and ascending bounds, in seconds. */
export class HistogramSeries {
  readonly #name: string;
  readonly #labels: readonly string[];
  readonly #bounds: readonly number[];
  readonly #cells: Cells<Distribution>;

  constructor(name: string, labels: readonly string[], bounds: readonly number[]) {
    this.#name = name;
    this.#labels = labels;
    this.#bounds = bounds;
    this.#cells = new Cells(() => ({ counts: new Float64Array(bounds.length + 1), sum: 0 }));
  }

  at(first: string, second?: string): Distribution {
    return this.#cells.at(first, second);
  }

  observe(seconds: number, first: string, second?: string): void {
    this.add(this.#cells.at(first, second), seconds);
  }

  /** Counts a value in a cell of this histogram. */
  add(cell: Distribution, seconds: number): void {
    const above = this.#bounds.findIndex((bound) => seconds <= bound);
    const bucket = above < 0 ? this.#bounds.length : above;
    cell.counts[bucket] = (cell.counts[bucket] ?? 0) + 1;
    cell.sum += seconds;
  }

  values(): MetricValue[] {
    const values: MetricValue[] = [];
    for (const { labels, cell } of this.#cells.entries(this.#labels)) {
      let count = 0;
      for (const [index, le] of [...this.#bounds, "+Inf"].entries()) {
        count += cell.counts[index] ?? 0;
        values.push({ metricName: `${this.#name}_bucket`, labels: { le, ...labels }, value: count });
      }
      values.push({ metricName: `${this.#name}_sum`, labels, value: cell.sum });
      values.push({ metricName: `${this.#name}_count`, labels, value: count });
    }
    return values;
  }
}
