import type { Node } from 'libpg-query'
import { alterations, as, isOn } from '../nodes.ts'
import type { Rule } from '../types.ts'

const ALONE = 'CONCURRENTLY, alone in its migration'

const createIndex: Rule = {
  name: 'create-index',
  severity: 'locks',
  find({ node }) {
    const index = as(node, 'IndexStmt')
    // ON ONLY a partitioned table builds nothing.
    if (!index || index.concurrent || index.relation?.inh !== true) return []
    return [
      {
        message: 'nobody can write to the table until the index is built',
        safe: `CREATE${index.unique ? ' UNIQUE' : ''} INDEX ${ALONE}`,
      },
    ]
  },
}

const dropIndex: Rule = {
  name: 'drop-index',
  severity: 'locks',
  find({ node }) {
    const drop = as(node, 'DropStmt')
    if (drop?.removeType !== 'OBJECT_INDEX' || drop.concurrent) return []
    return [
      {
        message: 'it waits for every query on the table, and everybody else waits behind it',
        safe: `DROP INDEX ${ALONE}`,
      },
    ]
  },
}

const reindex: Rule = {
  name: 'reindex',
  severity: 'locks',
  find({ node }) {
    const again = as(node, 'ReindexStmt')
    if (!again || isOn(again.params, 'concurrently')) return []
    return [
      {
        message: 'nobody can write to the table, or use the index, until it is built again',
        safe: `REINDEX … ${ALONE}`,
      },
    ]
  },
}

const detachPartition: Rule = {
  name: 'detach-partition',
  severity: 'locks',
  find: (statement) =>
    alterations(statement)
      .filter(({ command }) => command.subtype === 'AT_DetachPartition')
      .filter(({ command }) => !as(command.def, 'PartitionCmd')?.concurrent)
      .map(() => ({
        message:
          'it waits for every query on the whole partitioned table, and everybody else waits behind it',
        safe: `DETACH PARTITION … ${ALONE}`,
      })),
}

const isConcurrent = (node: Node): boolean =>
  as(node, 'IndexStmt')?.concurrent === true ||
  as(node, 'DropStmt')?.concurrent === true ||
  isOn(as(node, 'ReindexStmt')?.params, 'concurrently') === true ||
  alterations({ node }).some(({ command }) => as(command.def, 'PartitionCmd')?.concurrent)

const concurrentlyNotAlone: Rule = {
  name: 'concurrently-not-alone',
  severity: 'breaks',
  newToo: true,
  find: ({ node }, { file }) =>
    file.length > 1 && isConcurrent(node)
      ? [
          {
            message:
              'a file of several statements is one transaction, and CONCURRENTLY cannot run in one: the migration fails (25001)',
            safe: 'put the statement into a migration of its own',
          },
        ]
      : [],
}

export const INDEX_RULES = [createIndex, dropIndex, reindex, detachPartition, concurrentlyNotAlone]
