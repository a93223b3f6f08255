// One after another: both change what is stored.
import "./client.js";
import "./examples.js";
