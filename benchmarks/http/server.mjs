// The peer of inference.http: Fastify with onnxruntime-node behind the Open Inference Protocol's REST route, as a Node team would write it.
//   node server.mjs MODEL PORT PROCESSES THREADS      THREADS 0: as many as ONNX Runtime takes by default
import cluster from 'node:cluster';
import Fastify from 'fastify';
import * as ort from 'onnxruntime-node';

const [model, port, processes, threads] = [process.argv[2], ...process.argv.slice(3).map(Number)];
if (processes > 1 && cluster.isPrimary) {
  for (let i = 0; i < processes; i++) cluster.fork();
  process.on('SIGTERM', () => { for (const id in cluster.workers) cluster.workers[id].kill(); process.exit(0); });
} else {
  const session = await ort.InferenceSession.create(model, threads > 0 ? { intraOpNumThreads: threads, interOpNumThreads: 1 } : {});
  const output = {
    type: 'object',
    properties: { name: { type: 'string' }, datatype: { type: 'string' }, shape: { type: 'array', items: { type: 'integer' } }, data: { type: 'array', items: { type: 'number' } } },
  };
  const schema = { response: { 200: { type: 'object', properties: { model_name: { type: 'string' }, outputs: { type: 'array', items: output } } } } };
  const app = Fastify({ logger: false });
  app.post('/v2/models/:name/infer', { schema }, async request => {
    const [input] = request.body.inputs;
    const wanted = request.body.outputs.map(o => o.name);
    const results = await session.run({ [input.name]: new ort.Tensor('float32', Float32Array.from(input.data), input.shape) }, wanted);
    return {
      model_name: request.params.name,
      outputs: wanted.map(name => ({ name, datatype: 'FP32', shape: results[name].dims, data: Array.from(results[name].data) })),
    };
  });
  app.get('/ready', async () => 'ready');
  await app.listen({ port, host: '127.0.0.1' });
}
