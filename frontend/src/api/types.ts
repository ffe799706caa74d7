/** Short names for the shapes of the generated schema. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Arguments = Schemas["Arguments"];
export type Catalog = Schemas["Catalog"];
export type CatalogDetail = Schemas["CatalogDetail"];
export type CatalogRow = Schemas["CatalogRow"];
export type ContextPressure = Schemas["ContextPressure"];
export type Distributions = Schemas["Distributions"];
export type DurationGroups = Schemas["DurationGroups"];
export type FailureExample = Schemas["FailureExample"];
export type FailureGroup = Schemas["FailureGroup"];
export type Failures = Schemas["Failures"];
export type Health = Schemas["Health"];
export type Heatmap = Schemas["Heatmap"];
export type IngestErrorPage = Schemas["IngestErrorPage"];
export type LogLine = Schemas["LogLine"];
export type Op = Schemas["Op"];
export type OpKind = Schemas["OpKind"];
export type OpPlace = Schemas["OpPlace"];
export type Payload = Schemas["Payload"];
export type PriceBand = Schemas["PriceBand"];
export type Series = Schemas["Series"];
export type SessionDetail = Schemas["SessionDetail"];
export type SessionLink = Schemas["SessionLink"];
export type SessionPage = Schemas["SessionPage"];
export type SessionRow = Schemas["SessionRow"];
export type Source = Schemas["Source"];
export type Sources = Schemas["Sources"];
export type Spread = Schemas["Spread"];
export type Stats = Schemas["Stats"];
export type StatsGroup = Schemas["StatsGroup"];
export type StatsTotals = Schemas["StatsTotals"];
export type Topology = Schemas["Topology"];
export type TopSession = Schemas["TopSession"];
export type Totals = Schemas["Totals"];
export type Turn = Schemas["Turn"];
export type TurnPage = Schemas["TurnPage"];
