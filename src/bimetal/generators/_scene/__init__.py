"""Pictures of solids without a graphics library: shapes, camera, z-buffer, shadows, weather, and the truth."""
