/** Short names for the shapes of the generated schema. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Health = Schemas["Health"];
export type IngestError = Schemas["IngestError"];
export type LogLine = Schemas["LogLine"];
export type Op = Schemas["Op"];
export type OpKind = Schemas["OpKind"];
export type Payload = Schemas["Payload"];
export type SessionDetail = Schemas["SessionDetail"];
export type SessionLog = Schemas["SessionLog"];
export type SessionLink = Schemas["SessionLink"];
export type SessionPage = Schemas["SessionPage"];
export type SessionRow = Schemas["SessionRow"];
export type Source = Schemas["Source"];
export type Sources = Schemas["Sources"];
export type Totals = Schemas["Totals"];
export type Topology = Schemas["Topology"];
export type TopologyNode = Schemas["TopologyNode"];
export type Turn = Schemas["Turn"];
export type TurnPage = Schemas["TurnPage"];
