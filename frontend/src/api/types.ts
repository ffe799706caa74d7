/** Short names for the shapes of the generated schema. */

import type { components } from "./schema";

type Schemas = components["schemas"];

export type Health = Schemas["Health"];
export type LogLine = Schemas["LogLine"];
export type Mark = Schemas["Mark"];
export type MarkChange = Schemas["MarkChange"];
export type MarkInput = Schemas["MarkInput"];
export type Op = Schemas["Op"];
export type OpDetail = Schemas["OpDetail"];
export type OpLink = Schemas["OpLink"];
export type OpKind = Schemas["OpKind"];
export type Payload = Schemas["Payload"];
export type SessionDetail = Schemas["SessionDetail"];
export type SessionLink = Schemas["SessionLink"];
export type SessionPage = Schemas["SessionPage"];
export type SessionRow = Schemas["SessionRow"];
export type Source = Schemas["Source"];
export type Sources = Schemas["Sources"];
export type Totals = Schemas["Totals"];
export type Turn = Schemas["Turn"];
export type TurnPage = Schemas["TurnPage"];
