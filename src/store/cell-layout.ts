/** How a series' numbers lie in its chunk. */
export interface CellLayout {
  /** Cells a row. */
  readonly width: number
  /** Where in a row whole numbers lie, two to a cell. None by default. */
  readonly counts?: { readonly firstCell: number; readonly length: number } | undefined
  /** Called with the cells of a series that goes, not of one that moves: for what a cell stands for elsewhere. */
  readonly released?: ((cells: Float64Array, at: number) => void) | undefined
  /** Called with the old and the new cells of a series that moved. */
  readonly moved?: ((from: Float64Array, fromAt: number, to: Float64Array, toAt: number) => void) | undefined
}
