export const dynamic = 'force-dynamic'
export default async function Page() {
  async function act() {
    'use server'
  }
  return (
    <form action={act}>
      <button type="submit">act</button>
    </form>
  )
}
