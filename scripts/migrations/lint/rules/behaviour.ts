import type { Node } from 'libpg-query'
import { alterations, as, isOn } from '../nodes.ts'
import type { Rule } from '../types.ts'

const ROW_SECURITY = ['AT_EnableRowSecurity', 'AT_ForceRowSecurity']
const TRIGGERS = ['AT_DisableTrig', 'AT_DisableTrigAll', 'AT_DisableTrigUser']
const DROPPED = ['OBJECT_TRIGGER', 'OBJECT_RULE', 'OBJECT_POLICY', 'OBJECT_FUNCTION', 'OBJECT_PROCEDURE']

function behaviour(node: Node): string | undefined {
  const subtypes = alterations({ node }).map(({ command }) => command.subtype ?? '')
  if (as(node, 'CreateTrigStmt')) return 'a trigger runs on writes'
  if (as(node, 'RuleStmt')) return 'a rule rewrites queries'
  if (subtypes.some((one) => ROW_SECURITY.includes(one)) || as(node, 'CreatePolicyStmt'))
    return 'row security hides rows'
  if (as(node, 'AlterPolicyStmt')) return 'row security shows other rows'
  if (subtypes.some((one) => TRIGGERS.includes(one))) return 'a trigger no longer runs'
  if (DROPPED.includes(as(node, 'DropStmt')?.removeType ?? '')) return 'code in the database is gone'
  const grant = as(node, 'GrantStmt')
  if (grant && !grant.is_grant) return 'a right is taken away'
  if (as(node, 'CreateFunctionStmt')?.replace || as(node, 'ViewStmt')?.replace)
    return 'code in the database is replaced'
  return undefined
}

const changesBehaviour: Rule = {
  name: 'changes-behaviour',
  severity: 'review',
  find({ node }) {
    const what = behaviour(node)
    return what
      ? [
          {
            message: `${what}, for the colour still serving too`,
            safe: 'make sure that both releases work with and without it, and say so in a waiver',
          },
        ]
      : []
  },
}

/** SHARE: the weakest of LOCK TABLE's modes that writes wait for. */
const SHARE = 5

const MOVES = ['AT_SetTableSpace', 'AT_SetLogged', 'AT_SetUnLogged', 'AT_SetAccessMethod']

const exclusiveLock: Rule = {
  name: 'exclusive-lock',
  severity: 'locks',
  find({ node }) {
    const refresh = as(node, 'RefreshMatViewStmt')
    const found =
      isOn(as(node, 'VacuumStmt')?.options, 'full') ||
      as(node, 'ClusterStmt') ||
      (as(node, 'LockStmt')?.mode ?? 0) >= SHARE ||
      (refresh && !refresh.concurrent && !refresh.skipData) ||
      alterations({ node }).some(({ command }) => MOVES.includes(command.subtype ?? ''))
    if (!found) return []
    return [
      {
        message: 'nobody can use the table until it is done',
        safe: refresh
          ? 'REFRESH MATERIALIZED VIEW CONCURRENTLY (it needs a unique index)'
          : 'do it outside of migrations: plain VACUUM, or pg_repack, which works beside queries',
      },
    ]
  },
}

const opaqueCode: Rule = {
  name: 'opaque-code',
  severity: 'review',
  find: ({ node }) =>
    as(node, 'DoStmt') || as(node, 'CallStmt')
      ? [
          {
            message: 'what the code does when it runs cannot be seen here',
            safe: 'write it as plain statements, or judge it and say so in a waiver',
          },
        ]
      : [],
}

export const BEHAVIOUR_RULES = [changesBehaviour, exclusiveLock, opaqueCode]
