import { COLOURS, type Colour } from '../../scripts/stack/colours.ts'

const COLUMNS =
  'pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code'.split(
    ',',
  )

/** `show stat` of the two colours; the columns that the kit may read, in HAProxy's order. */
export function showStat(servers: Record<Colour, { status: string; check: string }>): string {
  const rows = COLOURS.flatMap((pxname) => {
    const { status, check } = servers[pxname]
    const counts = { qcur: 0, scur: 0, stot: 0, econ: 0, eresp: 0, wretr: 0, wredis: 0 }
    const server = { pxname, svname: 'api', ...counts, status, check_status: check }
    const backend = { pxname, svname: 'BACKEND', ...counts, status: status.startsWith('UP') ? 'UP' : 'DOWN' }
    return [server, backend].map((row: Record<string, unknown>) =>
      COLUMNS.map((name) => row[name] ?? '').join(','),
    )
  })
  return `# ${COLUMNS.join(',')},\n${rows.map((row) => `${row},\n`).join('')}\n`
}
