import type { DropStmt, Node, RangeVar } from '@pgsql/types'
import type { Effect, Verb } from '../../model/facts.ts'
import { functionUse } from './function-names.ts'
import { noteCreated, noteTarget } from './relations.ts'
import { isNode, items, words, type NodeMap } from './tree.ts'
import type { StatementReaders } from './statements.ts'
import type { Walk } from './walk.ts'

type Reader = (walk: Walk, body: object) => false

/**
 * A statement that defines, changes or drops something. Its relations are named, and functions that it calls (in a default, a
 * check, a policy) are found wherever they stand; `code` marks what holds a body that later runs by itself.
 */
const defines =
  (verb: Verb, ...effects: readonly Effect[]): Reader =>
  (walk, body) => {
    const { found } = walk
    found.verb(verb)
    for (const effect of effects) found.effect(effect)
    if (effects.includes('ddl')) found.changesCatalog = true
    if (effects.includes('code')) found.gap('its body is code')
    partsOf(walk, body)
    return false
  }

const creates = (...more: readonly Effect[]): Reader => defines('create', 'ddl', ...more)
const alters = (...more: readonly Effect[]): Reader => defines('alter', 'ddl', ...more)
const rights = (verb: Verb, ...more: readonly Effect[]): Reader => defines(verb, 'privileges', ...more)

/** The password is the account's that everybody here shares: changing it shuts them all out. */
const role =
  (base: Reader): Reader =>
  (walk, body) => {
    const options = 'options' in body && isNodes(body.options) ? body.options : []
    if (options.some((one) => 'DefElem' in one && one.DefElem.defname === 'password')) walk.found.effect('password')
    return base(walk, body)
  }

const TARGETS = new Set(['relation', 'view', 'sequence', 'table', 'constrrel', 'name', 'pktable'])

/** Relations and function calls in the definition, at any depth. */
function partsOf(walk: Walk, body: object): void {
  const waiting: object[] = [body]
  for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
    for (const [field, value] of Object.entries<unknown>({ ...one })) {
      // Types and relations of pg_temp come before everything else, pg_catalog included.
      if (typeof value === 'string' && value.startsWith('pg_temp')) walk.found.effect('temporary')
      if (typeof value !== 'object' || value === null) continue
      if (field === 'FuncCall' && 'funcname' in value && isNodes(value.funcname))
        functionUse(walk, words(value.funcname))
      if (field === 'RangeVar' || TARGETS.has(field)) noteNamed(walk, value)
      if (field === 'SelectStmt') walk.found.gap('a query inside a definition is not read')
      waiting.push(value)
    }
  }
}

function noteNamed(walk: Walk, value: object): void {
  if (isRangeVar(value)) noteTarget(walk, value)
}

const isRangeVar = (value: object): value is RangeVar => 'relname' in value && typeof value.relname === 'string'
const isNodes = (value: unknown): value is readonly Node[] => Array.isArray(value) && value.every(isNode)

/** A new relation has no meaning yet; what else the definition names has. */
const createsRelation =
  (...more: readonly Effect[]) =>
  (
    walk: Walk,
    body: { readonly relation?: RangeVar; readonly sequence?: RangeVar; readonly typevar?: RangeVar },
  ): false => {
    noteCreated(walk, body.relation ?? body.sequence ?? body.typevar)
    return creates(...more)(walk, { ...body, relation: undefined, sequence: undefined, typevar: undefined })
  }

const CODE_OBJECTS = new Set(
  'FUNCTION PROCEDURE ROUTINE AGGREGATE TRIGGER RULE OPERATOR OPCLASS OPFAMILY CAST EVENT_TRIGGER LANGUAGE EXTENSION TRANSFORM CONVERSION'.split(
    ' ',
  ),
)
const RELATION_OBJECTS = new Set('TABLE VIEW MATVIEW FOREIGN_TABLE SEQUENCE'.split(' '))

function drop(walk: Walk, body: DropStmt): boolean {
  const { found } = walk
  const kind = body.removeType?.replace(/^OBJECT_/, '') ?? ''
  found.verb('drop')
  found.effect('ddl')
  found.changesCatalog = true
  if (CODE_OBJECTS.has(kind)) found.effect('code')
  if (kind === 'POLICY' || kind === 'ROLE') found.effect('privileges')
  if (['FDW', 'FOREIGN_SERVER', 'SUBSCRIPTION', 'FOREIGN_TABLE'].includes(kind)) found.effect('network')
  if (body.behavior === 'DROP_CASCADE') found.gap('CASCADE drops what is not named')
  if (RELATION_OBJECTS.has(kind)) for (const node of body.objects ?? []) dropped(walk, words(items(node)))
  return false
}

function dropped(walk: Walk, path: readonly string[]): void {
  const [relname, schemaname] = path.toReversed()
  if (relname !== undefined) noteTarget(walk, schemaname === undefined ? { relname } : { relname, schemaname })
}

const OWNER_OR_SECURITY = /ChangeOwner|RowSecurity/
const TRIGGERS_OR_RULES = /Trig|Rule/

function alterTable(walk: Walk, body: NodeMap['AlterTableStmt']): false {
  for (const node of body.cmds ?? []) {
    const kind = 'AlterTableCmd' in node ? (node.AlterTableCmd.subtype ?? '') : ''
    if (OWNER_OR_SECURITY.test(kind)) walk.found.effect('privileges')
    if (TRIGGERS_OR_RULES.test(kind)) walk.found.effect('code')
  }
  return alters()(walk, body)
}

const grant = (walk: Walk, body: { readonly is_grant?: boolean }): false =>
  rights(body.is_grant === true ? 'grant' : 'revoke')(walk, body)

/** Every statement that defines something. */
export const DEFINITIONS = {
  DropStmt: drop,
  AlterTableStmt: alterTable,
  CreateStmt: createsRelation(),
  CreateSeqStmt: createsRelation(),
  CompositeTypeStmt: createsRelation(),
  CreateForeignTableStmt: creates('network'),
  CreateSchemaStmt: creates(),
  CreateEnumStmt: creates(),
  CreateRangeStmt: creates(),
  CreateDomainStmt: creates(),
  CreateStatsStmt: creates(),
  IndexStmt: creates(),
  DefineStmt: creates('code'),
  CreateFunctionStmt: creates('code'),
  CreateTrigStmt: creates('code'),
  CreateEventTrigStmt: creates('code'),
  CreatePLangStmt: creates('code'),
  CreateCastStmt: creates('code'),
  CreateConversionStmt: creates('code'),
  CreateTransformStmt: creates('code'),
  CreateOpClassStmt: creates('code'),
  CreateOpFamilyStmt: creates('code'),
  CreateAmStmt: creates('code'),
  CreateExtensionStmt: creates('code'),
  RuleStmt: creates('code'),
  CreateFdwStmt: creates('network', 'code'),
  CreateForeignServerStmt: creates('network'),
  CreateUserMappingStmt: creates('network', 'privileges'),
  ImportForeignSchemaStmt: creates('network'),
  CreateSubscriptionStmt: creates('network', 'replication'),
  CreatePublicationStmt: creates('replication'),
  CreatePolicyStmt: creates('privileges'),
  CreateRoleStmt: role(creates('privileges')),
  CreateTableSpaceStmt: creates('file'),
  CreatedbStmt: creates(),
  AlterCollationStmt: alters(),
  AlterDomainStmt: alters(),
  AlterSeqStmt: alters(),
  AlterStatsStmt: alters(),
  AlterTypeStmt: alters(),
  AlterEnumStmt: alters(),
  AlterTSDictionaryStmt: alters(),
  AlterTSConfigurationStmt: alters(),
  AlterDatabaseStmt: alters(),
  AlterDatabaseRefreshCollStmt: alters(),
  AlterObjectSchemaStmt: alters(),
  AlterTableMoveAllStmt: alters('file'),
  AlterTableSpaceOptionsStmt: alters('file'),
  RenameStmt: alters(),
  ReplicaIdentityStmt: alters('replication'),
  AlterFunctionStmt: alters('code'),
  AlterOperatorStmt: alters('code'),
  AlterOpFamilyStmt: alters('code'),
  AlterObjectDependsStmt: alters('code'),
  AlterEventTrigStmt: alters('code'),
  AlterExtensionStmt: alters('code'),
  AlterExtensionContentsStmt: alters('code'),
  AlterFdwStmt: alters('network', 'code'),
  AlterForeignServerStmt: alters('network'),
  AlterUserMappingStmt: alters('network', 'privileges'),
  AlterSubscriptionStmt: alters('network', 'replication'),
  AlterPublicationStmt: alters('replication'),
  AlterPolicyStmt: alters('privileges'),
  AlterOwnerStmt: alters('privileges'),
  AlterRoleStmt: role(rights('alter', 'ddl')),
  AlterRoleSetStmt: rights('alter', 'ddl', 'reading-setting'),
  AlterDatabaseSetStmt: alters('reading-setting'),
  AlterSystemStmt: alters('reading-setting', 'file'),
  AlterDefaultPrivilegesStmt: rights('alter', 'ddl'),
  DropRoleStmt: rights('drop', 'ddl'),
  DropOwnedStmt: rights('drop', 'ddl'),
  ReassignOwnedStmt: rights('alter', 'ddl'),
  DropSubscriptionStmt: defines('drop', 'ddl', 'network', 'replication'),
  DropUserMappingStmt: defines('drop', 'ddl', 'network', 'privileges'),
  DropTableSpaceStmt: defines('drop', 'ddl', 'file'),
  DropdbStmt: defines('drop', 'ddl'),
  GrantStmt: grant,
  GrantRoleStmt: grant,
  SecLabelStmt: rights('alter', 'ddl'),
  CommentStmt: defines('comment', 'ddl'),
} as const satisfies Partial<StatementReaders>
