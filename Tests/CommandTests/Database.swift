import GRDB

/// Enters a migration that this program does not know, as a newer one would have.
func addMigration(named name: String, to path: String) throws {
  let queue = try DatabaseQueue(path: path)
  try queue.write {
    try $0.execute(sql: "INSERT INTO grdb_migrations VALUES (?)", arguments: [name])
  }
  try queue.close()
}
