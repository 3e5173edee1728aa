import { COLOURS, type Colour } from '../../scripts/stack/colours.ts'

const COLUMNS =
  'pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt'.split(
    ',',
  )

/** `show stat` of the two colours; the columns that the kit may read, in HAProxy's order. */
export function showStat(
  servers: Record<Colour, { status: string; check: string }>,
  counts: Record<Colour, { errors: number; refused: number }>,
): string {
  const rows = COLOURS.flatMap((pxname) => {
    const { status, check } = servers[pxname]
    const { errors, refused } = counts[pxname]
    const load = { qcur: 0, scur: 0 }
    const server = { pxname, svname: 'api', ...load, status, check_status: check, hrsp_5xx: errors }
    const backend = {
      pxname,
      svname: 'BACKEND',
      ...load,
      status: status.startsWith('UP') ? 'UP' : 'DOWN',
      hrsp_5xx: errors + refused,
      srv_abrt: 0,
    }
    return [server, backend].map((row: Record<string, unknown>) =>
      COLUMNS.map((name) => row[name] ?? '').join(','),
    )
  })
  return `# ${COLUMNS.join(',')},\n${rows.map((row) => `${row},\n`).join('')}`
}
